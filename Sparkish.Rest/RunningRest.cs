using Microsoft.Extensions.Logging;
using Sparkish.Security;

namespace Sparkish.Rest;

/// <summary>A server that runs, without types of ASP.NET Core in its members: its users need not have them.</summary>
internal sealed class RunningRest : IAsyncDisposable
{
    private readonly IAsyncDisposable _server;
    private readonly SecurityManager _security;

    private RunningRest(IAsyncDisposable server, SecurityManager security, Uri url) => (_server, _security, Url) = (server, security, url);

    /// <summary>The address of the server.</summary>
    public Uri Url { get; }

    /// <summary>Starts the server.</summary>
    public static async Task<RunningRest> StartAsync(
        RestOptions options, SecurityManager security, RestService service, TimeProvider time, ILoggerFactory loggers)
    {
        var server = await RestServer.StartAsync(options, security, service, time, loggers).ConfigureAwait(false);
        return new RunningRest(server, security, server.Url);
    }

    /// <summary>Stops the server: running requests have five seconds to end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        _security.Dispose();
    }
}
