using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkish.Akka.Configuration;
using Sparkish.Hosting;
using Sparkish.Rpc;

namespace Sparkish.Akka.Hosting;

/// <summary>Adds Sparkish to an application with Akka.Hosting.</summary>
public static class SparkishAkkaHostingExtensions
{
    /// <summary>
    /// Starts an <see cref="RpcEnv"/> with endpoints on the application's actor system. The env stops in the phase <c>service-stop</c> of the system's
    /// coordinated shutdown. An endpoint whose type was added once is in the <see cref="ActorRegistry"/> under that type, and so injected as
    /// <see cref="IRequiredActor{TActor}"/>.
    /// </summary>
    /// <remarks>
    /// The actor system needs remoting. Actors that use endpoints at their start are added after this call. The services are complete when this call runs:
    /// <see cref="SparkishActorsBuilder.Services"/> is read-only, and endpoints that are not services are created by constructor injection.
    /// </remarks>
    /// <param name="builder">The actor system.</param>
    /// <param name="name">The env's name.</param>
    /// <param name="configure">Adds endpoints and messages.</param>
    /// <exception cref="ArgumentException">The name of the env, or that of an endpoint, is in use.</exception>
    public static AkkaConfigurationBuilder WithSparkish(this AkkaConfigurationBuilder builder, string name, Action<SparkishActorsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        var noServices = new ServiceCollection();
        noServices.MakeReadOnly();
        var actors = new SparkishActorsBuilder(name, noServices);
        configure(actors);
        var env = HostedEnvs.Of(builder).Add(actors);
        return builder
            .AddHocon(ConfigurationFactory.ParseString(AkkaSettings.ForOtherSystems), HoconAddMode.Append)
            .WithActors((system, registry, resolver) => env.StartAsync(system, registry, ((ServiceProviderDependencyResolver)resolver).ServiceProvider));
    }

    /// <summary>
    /// Adds the refs of an env that <see cref="WithSparkish"/> starts to the services: <see cref="IEndpointRefs"/>, keyed by the env's name, and unkeyed for the
    /// first env that is added.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The env's name.</param>
    public static IServiceCollection AddSparkishRefs(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        services.AddKeyedSingleton<IEndpointRefs>(name, (provider, _) => Refs(provider));
        services.TryAddSingleton(Refs);
        return services;

        IEndpointRefs Refs(IServiceProvider provider) => HostedEnvs.Of(provider.GetRequiredService<AkkaConfigurationBuilder>()).Get(name).Host(provider);
    }
}
