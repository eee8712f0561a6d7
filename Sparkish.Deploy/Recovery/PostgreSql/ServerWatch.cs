using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Tells when another server of those in <c>Host</c> serves than before: a standby was promoted.</summary>
internal sealed class ServerWatch(string user, ILogger log)
{
    private string? _server;

    public void Note(NpgsqlConnection connection)
    {
        var server = $"{connection.Host}:{connection.Port}";
        var before = Interlocked.Exchange(ref _server, server);
        if (before is not null && before != server) log.FailedOver(user, before, server);
    }
}
