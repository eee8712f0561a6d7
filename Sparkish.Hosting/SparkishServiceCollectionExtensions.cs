using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>Adds actors to an application's services.</summary>
public static class SparkishServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="RpcEnv"/> with endpoints, which starts and stops with the host. It also adds these services: <see cref="IEndpointRefs"/>, unkeyed for
    /// the first env and keyed by the env's name for each; and a keyed <see cref="RpcEndpointRef"/> for each endpoint, by its name.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The env's name.</param>
    /// <param name="configure">Adds endpoints and messages.</param>
    /// <exception cref="ArgumentException">The name of the env, or that of an endpoint, is in use.</exception>
    public static IServiceCollection AddSparkishActors(this IServiceCollection services, string name, Action<SparkishActorsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(ActorHost) && Equals(service.ServiceKey, name)))
            throw new ArgumentException($"Actors named '{name}' are already added: give each env its own name.", nameof(name));

        var builder = new SparkishActorsBuilder(name, services);
        configure(builder);
        services.AddKeyedSingleton(name, (provider, _) => new ActorHost(builder, provider, RpcEnv.Create));
        services.AddSingleton<IHostedService>(provider => Host(provider));
        services.AddKeyedSingleton<IEndpointRefs>(name, (provider, _) => Host(provider));
        services.TryAddSingleton<IEndpointRefs>(Host);
        foreach (var endpoint in builder.Endpoints) AddRef(services, endpoint.Name);
        return services;

        ActorHost Host(IServiceProvider provider) => provider.GetRequiredKeyedService<ActorHost>(name);

        void AddRef(IServiceCollection services, string endpoint)
        {
            if (services.Any(service => service.ServiceType == typeof(RpcEndpointRef) && Equals(service.ServiceKey, endpoint)))
                throw new ArgumentException(
                    $"Two endpoints named '{endpoint}' are added: refs are services under the names of their endpoints, so give each its own name.",
                        nameof(configure));
            services.AddKeyedSingleton(endpoint, (provider, _) => Host(provider).Get(endpoint));
        }
    }
}
