using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Hosting;

/// <summary>Configures an env of the application.</summary>
public sealed class SparkishActorsBuilder
{
    private readonly List<EndpointRegistration> _endpoints = [];

    internal SparkishActorsBuilder(string name, IServiceCollection services) => (Name, Services) = (name, services);

    /// <summary>The env's name.</summary>
    public string Name { get; }

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    internal IReadOnlyList<EndpointRegistration> Endpoints => _endpoints;

    internal MessageRegistry Registry { get; } = new();

    internal Func<RpcEnvOptions, RpcEnvOptions> Options { get; private set; } = static options => options;

    internal string Section { get; private set; } = "Sparkish";

    /// <summary>
    /// Adds an endpoint, created with constructor injection in its own scope. A restart creates another instance in another scope; a scope is disposed after
    /// its instance.
    /// </summary>
    /// <typeparam name="TEndpoint">Its type; registered as transient unless the services have it already.</typeparam>
    /// <param name="name">Its name in the env.</param>
    /// <param name="restarts">Limit of restarts; <see cref="RestartLimit.Default"/> unless given.</param>
    public SparkishActorsBuilder Endpoint<TEndpoint>(string name, RestartLimit? restarts = null)
        where TEndpoint : RpcEndpoint
    {
        if (!Services.IsReadOnly) Services.TryAddTransient<TEndpoint>();
        return Add(new EndpointRegistration(name, Make<TEndpoint>, restarts ?? RestartLimit.Default, typeof(TEndpoint)));
    }

    /// <summary>Adds an endpoint that a function creates, each instance with the services of its own scope.</summary>
    /// <param name="name">Its name in the env.</param>
    /// <param name="make">Creates an instance; called again for each restart.</param>
    /// <param name="restarts">Limit of restarts; <see cref="RestartLimit.Default"/> unless given.</param>
    public SparkishActorsBuilder Endpoint(string name, Func<IServiceProvider, RpcEndpoint> make, RestartLimit? restarts = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        return Add(new EndpointRegistration(name, make, restarts ?? RestartLimit.Default));
    }

    /// <summary>Registers the messages that may cross the wire, under their numbers.</summary>
    public SparkishActorsBuilder Messages(Action<MessageRegistry> register)
    {
        ArgumentNullException.ThrowIfNull(register);
        register(Registry);
        return this;
    }

    /// <summary>Changes the options read from the configuration; overrides host, port, clock and user types.</summary>
    public SparkishActorsBuilder Configure(Func<RpcEnvOptions, RpcEnvOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var before = Options;
        Options = options => change(before(options));
        return this;
    }

    /// <summary>Sets the section of the configuration that the env reads; <c>Sparkish</c> unless given, so that several envs can differ.</summary>
    public SparkishActorsBuilder FromSection(string section)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        Section = section;
        return this;
    }

    private SparkishActorsBuilder Add(EndpointRegistration endpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint.Name, "name");
        if (_endpoints.Exists(other => other.Name == endpoint.Name))
            throw new ArgumentException($"Two endpoints of RpcEnv '{Name}' are named '{endpoint.Name}': give each its own name.");
        _endpoints.Add(endpoint);
        return this;
    }

    /// <summary>A scope disposes only what it created, so a disposable endpoint has to be one of its services.</summary>
    private static TEndpoint Make<TEndpoint>(IServiceProvider provider)
        where TEndpoint : RpcEndpoint
    {
        if (provider.GetService<TEndpoint>() is { } service) return service;
        return typeof(TEndpoint).IsAssignableTo(typeof(IDisposable)) || typeof(TEndpoint).IsAssignableTo(typeof(IAsyncDisposable))
            ? throw new InvalidOperationException($"Endpoint {typeof(TEndpoint)} is disposable but not a service: add it to the services as transient or scoped.")
            : ActivatorUtilities.CreateInstance<TEndpoint>(provider);
    }
}
