using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Hosting;

/// <summary>Says what an env of the application consists of.</summary>
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
    /// Adds an endpoint, made with constructor injection in a scope of its own. A restart makes another instance in another scope; a scope ends after its
    /// instance.
    /// </summary>
    /// <typeparam name="TEndpoint">Its type; registered as transient unless the services have it already.</typeparam>
    /// <param name="name">Its name in the env.</param>
    /// <param name="restarts">How often it may be restarted; <see cref="RestartLimit.Default"/> unless given.</param>
    public SparkishActorsBuilder Endpoint<TEndpoint>(string name, RestartLimit? restarts = null)
        where TEndpoint : RpcEndpoint
    {
        Services.TryAddTransient<TEndpoint>();
        return Endpoint(name, static provider => provider.GetRequiredService<TEndpoint>(), restarts);
    }

    /// <summary>Adds an endpoint that a function makes, each instance with the services of a scope of its own.</summary>
    /// <param name="name">Its name in the env.</param>
    /// <param name="make">Makes an instance; called again for each restart.</param>
    /// <param name="restarts">How often it may be restarted; <see cref="RestartLimit.Default"/> unless given.</param>
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

    /// <summary>Changes the options that the configuration gave; the last word on host, port, clock, user types.</summary>
    public SparkishActorsBuilder Configure(Func<RpcEnvOptions, RpcEnvOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var before = Options;
        Options = options => change(before(options));
        return this;
    }

    /// <summary>Names the section of the configuration that the env reads; <c>Sparkish</c> unless given, so that several envs can differ.</summary>
    public SparkishActorsBuilder FromSection(string section)
    {
        ArgumentException.ThrowIfNullOrEmpty(section);
        Section = section;
        return this;
    }
}
