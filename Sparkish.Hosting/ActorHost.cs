using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>
/// One env of the application. The env is created on first use, its endpoints when the host starts; both stop with the host. An env that stops by itself,
/// because an endpoint escalated an error, stops the application.
/// </summary>
internal sealed class ActorHost : IHostedService, IEndpointRefs, IAsyncDisposable, IDisposable
{
    private readonly SparkishActorsBuilder _builder;
    private readonly IServiceProvider _services;
    private readonly Func<RpcEnvOptions, RpcEnv> _create;
    private readonly ILogger _log;
    private readonly Lazy<RpcEnv> _env;
    private readonly Dictionary<RpcEndpointRef, EndpointScopes> _scopes = [];
    private readonly List<RpcEndpointRef> _started = [];
    private Task _watching = Task.CompletedTask;
    private volatile bool _stopping;

    /// <param name="builder">The env and its endpoints.</param>
    /// <param name="services">The application's services.</param>
    /// <param name="create">Creates the env.</param>
    public ActorHost(SparkishActorsBuilder builder, IServiceProvider services, Func<RpcEnvOptions, RpcEnv> create)
    {
        (_builder, _services, _create) = (builder, services, create);
        _log = Loggers.CreateLogger<ActorHost>();
        _env = new Lazy<RpcEnv>(Create);
    }

    public RpcEnv Env => _env.Value;

    /// <summary>The endpoints in the order in which they were added, each with its ref; empty before the start.</summary>
    public IEnumerable<(EndpointRegistration Endpoint, RpcEndpointRef Ref)> Started => _builder.Endpoints.Zip(_started);

    private ILoggerFactory Loggers => _services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;

    public RpcEndpointRef Get(string name)
    {
        if (!_builder.Endpoints.Any(endpoint => endpoint.Name == name))
            throw new KeyNotFoundException(
                $"RpcEnv '{_builder.Name}' has no endpoint '{name}'. It has: {string.Join(", ", _builder.Endpoints.Select(endpoint => endpoint.Name))}.");
        return Env.RefTo(new RpcEndpointAddress(Env.Address, name)); // by name: valid before the start, and for every instance
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in _builder.Endpoints)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scopes = new EndpointScopes(endpoint, _services, _log);
            var self = Env.SetupEndpoint(endpoint.Name, scopes.Make, endpoint.Restarts);
            _scopes.Add(self, scopes);
            _started.Add(self);
        }

        Env.SetupEndpoint(ScopeKeeper.EndpointName, new ScopeKeeper(_scopes));
        _log.Started(_builder.Name, Env.Address, _builder.Endpoints.Count);
        _watching = WatchAsync();
        return Task.CompletedTask;
    }

    /// <summary>Stops the env within the host's time to shut down.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        if (!_env.IsValueCreated) return;
        try
        {
            await Env.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.WhenAll([.. _scopes.Values.Select(scopes => scopes.EndAllAsync()), _watching]).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _log.NotStoppedInTime(_builder.Name);
        }
    }

    /// <summary>Stops an env whose host never stopped it. An env that did not stop in time is not waited for again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping) await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Begins to stop an env whose host never stopped it.</summary>
    public void Dispose()
    {
        if (!_stopping) _watching = StopAsync(CancellationToken.None);
    }

    private RpcEnv Create()
    {
        var options = HostConfiguration.Read(_builder.Name, _services.GetService<IConfiguration>(), _builder.Section, _builder.Registry) with
        {
            LoggerFactory = Loggers,
            Time = _services.GetService<TimeProvider>() ?? TimeProvider.System,
        };
        return _create(_builder.Options(options));
    }

    private async Task WatchAsync()
    {
        await Env.Termination.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stopping) return;
        if (Env.Termination.Exception?.InnerException is { } error) _log.Escalated(error, _builder.Name);
        else _log.EndedByItself(_builder.Name);
        _services.GetService<IHostApplicationLifetime>()?.StopApplication();
    }
}
