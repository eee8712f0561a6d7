using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Hosting;

/// <summary>A master in the generic host.</summary>
internal sealed class MasterService(SparkishMasterOptions options, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    : DaemonService<MasterDaemon>(lifetime, loggers.CreateLogger<MasterService>())
{
    protected override Task<MasterDaemon> StartDaemonAsync() => MasterDaemon.StartAsync(options.Conf, options.Host, options.Port, loggers);

    protected override async Task<string?> WaitForEndAsync(MasterDaemon daemon) =>
        $"this master cannot lead any more: {await daemon.LeadershipLost.ConfigureAwait(false)}";

    // A standby is healthy: it waits for its turn.
    protected override async Task<HealthCheckResult> CheckAsync(MasterDaemon daemon, HealthStatus failure, CancellationToken cancellationToken) =>
        HealthCheckResult.Healthy(await daemon.IsLeadingAsync(cancellationToken).ConfigureAwait(false) ? "leader" : "standby");
}
