using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>
/// Creates the instances of one endpoint, each in its own service scope: an instance's scope ends when its successor is created, or with the endpoint.
/// Thread-safe.
/// </summary>
internal sealed class EndpointScopes(EndpointRegistration endpoint, IServiceProvider services, ILogger log)
{
    private readonly Lock _lock = new();
    private AsyncServiceScope? _current;
    private Task _ending = Task.CompletedTask;

    /// <summary>Creates an instance; its predecessor has stopped.</summary>
    public RpcEndpoint Make()
    {
        End();
        var scope = services.CreateAsyncScope();
        lock (_lock) _current = scope;
        return endpoint.Make(scope.ServiceProvider);
    }

    /// <summary>Begins to dispose the scope of the current instance.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_current is { } scope) _ending = EndAsync(_ending, scope);
            _current = null;
        }
    }

    /// <summary>Disposes the scope of the current instance, and waits until all scopes are disposed.</summary>
    public Task EndAllAsync()
    {
        End();
        lock (_lock) return _ending;
    }

    private async Task EndAsync(Task before, AsyncServiceScope scope)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            log.ScopeFailed(error, endpoint.Name);
        }
    }
}
