using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Sparkish.Deploy.Hosting;

/// <summary>Adds masters and workers of a cluster to an application's services.</summary>
public static class SparkishClusterServiceCollectionExtensions
{
    /// <summary>
    /// Adds a master, which starts and stops with the host, and the health check <c>sparkish-master</c>: healthy on a leader and on a standby. A master that
    /// cannot lead any more stops the application with exit status 1.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="ArgumentException">The application has a master already.</exception>
    public static IServiceCollection AddSparkishMaster(this IServiceCollection services, Action<SparkishMasterOptions>? configure = null)
    {
        var options = new SparkishMasterOptions();
        configure?.Invoke(options);
        return services.AddDaemon<MasterService, SparkishMasterOptions>("sparkish-master", options);
    }

    /// <summary>
    /// Adds a worker, which starts and stops with the host, and the health check <c>sparkish-worker</c>: healthy while a master has registered it. A worker
    /// that no master takes stops the application with exit status 1; a decommissioned one stops it with 0 once nothing runs on it.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="ArgumentException">The application has a worker already.</exception>
    public static IServiceCollection AddSparkishWorker(this IServiceCollection services, Action<SparkishWorkerOptions>? configure = null)
    {
        var options = new SparkishWorkerOptions();
        configure?.Invoke(options);
        return services.AddDaemon<WorkerService, SparkishWorkerOptions>("sparkish-worker", options);
    }

    private static IServiceCollection AddDaemon<TService, TOptions>(this IServiceCollection services, string check, TOptions options)
        where TService : class, IHostedService, IHealthCheck
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(TService)))
            throw new ArgumentException($"'{check}' is already added: run one of each in an application.", nameof(services));
        services.AddSingleton(options);
        services.AddSingleton<TService>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<TService>());
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            check, static provider => provider.GetRequiredService<TService>(), failureStatus: null, tags: null));
        return services;
    }
}
