using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>
/// Makes the instances of one endpoint, each in a scope of services of its own: an instance's scope ends when its successor is made, or with the endpoint.
/// Safe for all threads.
/// </summary>
internal sealed class EndpointScopes(EndpointRegistration endpoint, IServiceProvider services, ILogger log)
{
    private readonly Lock _lock = new();
    private AsyncServiceScope? _current;
    private Task _ending = Task.CompletedTask;

    /// <summary>Makes an instance; its predecessor has stopped.</summary>
    public RpcEndpoint Make()
    {
        End();
        var scope = services.CreateAsyncScope();
        lock (_lock) _current = scope;
        return endpoint.Make(scope.ServiceProvider);
    }

    /// <summary>Begins to end the scope of the present instance.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_current is { } scope) _ending = EndAsync(_ending, scope);
            _current = null;
        }
    }

    /// <summary>Ends the scope of the present instance, and waits until all scopes have ended.</summary>
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
