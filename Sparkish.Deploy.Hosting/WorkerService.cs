using System.Security.Cryptography;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker;

namespace Sparkish.Deploy.Hosting;

/// <summary>A worker in the generic host.</summary>
internal sealed class WorkerService(SparkishWorkerOptions options, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    : DaemonService<WorkerDaemon>(lifetime, loggers.CreateLogger<WorkerService>())
{
    private const int JitterSteps = 1000;

    protected override Task<WorkerDaemon> StartDaemonAsync()
    {
        var worker = WorkerOptions.From(options.Conf, MasterUrl.Parse(options.Masters), options.Cores ?? WorkerOptions.DefaultCores,
            options.MemoryMiB ?? WorkerOptions.DefaultMemoryMiB, RandomNumberGenerator.GetInt32(JitterSteps) / (double)JitterSteps);
        return WorkerDaemon.StartAsync(worker, options.Conf, options.WorkDirectory, options.Host, options.Port, loggers);
    }

    protected override async Task<string?> WaitForEndAsync(WorkerDaemon daemon) =>
        await Task.WhenAny(daemon.GaveUp, daemon.Decommissioned).ConfigureAwait(false) == daemon.GaveUp ? await daemon.GaveUp.ConfigureAwait(false) : null;

    protected override async Task<HealthCheckResult> CheckAsync(WorkerDaemon daemon, HealthStatus failure, CancellationToken cancellationToken) =>
        await daemon.IsRegisteredAsync(cancellationToken).ConfigureAwait(false)
            ? HealthCheckResult.Healthy("registered")
            : new HealthCheckResult(failure, "not registered with a master");
}
