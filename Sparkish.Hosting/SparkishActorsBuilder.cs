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
        Services.TryAddTransient<TEndpoint>();
        return Endpoint(name, static provider => provider.GetRequiredService<TEndpoint>(), restarts);
    }

    /// <summary>Adds an endpoint that a function creates, each instance with the services of its own scope.</summary>
    /// <param name="name">Its name in the env.</param>
    /// <param name="make">Creates an instance; called again for each restart.</param>
    /// <param name="restarts">Limit of restarts; <see cref="RestartLimit.Default"/> unless given.</param>
    public SparkishActorsBuilder Endpoint(string name, Func<IServiceProvider, RpcEndpoint> make, RestartLimit? restarts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(make);
        _endpoints.Add(new EndpointRegistration(name, make, restarts ?? RestartLimit.Default));
        return this;
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
}
