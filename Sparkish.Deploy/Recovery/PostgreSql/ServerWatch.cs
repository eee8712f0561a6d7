using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Reports a switch to another server of those in <c>Host</c>: a standby was promoted.</summary>
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
