using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Hosting;

/// <summary>
/// Runs a daemon with the host. A daemon that cannot continue stops the application with exit status 1, so that a supervisor starts it again.
/// </summary>
/// <param name="lifetime">Stops the application.</param>
/// <param name="log">Logs the reason.</param>
internal abstract class DaemonService<TDaemon>(IHostApplicationLifetime lifetime, ILogger log) : IHostedService, IHealthCheck
    where TDaemon : class, IAsyncDisposable
{
    private TDaemon? _daemon;
    private Task _watching = Task.CompletedTask;
    private volatile bool _isStopping;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var daemon = await StartDaemonAsync().ConfigureAwait(false);
        _daemon = daemon;
        _watching = WatchAsync(daemon);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        if (_daemon is { } daemon) await daemon.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_daemon is not { } daemon || _isStopping) return new HealthCheckResult(context.Registration.FailureStatus, "not running");
        try
        {
            return await CheckAsync(daemon, context.Registration.FailureStatus, cancellationToken).ConfigureAwait(false);
        }
        catch (SparkException error)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, error.Message, error);
        }
    }

    /// <summary>Starts the daemon.</summary>
    protected abstract Task<TDaemon> StartDaemonAsync();

    /// <summary>Completes when the daemon has ended: with a reason if it failed, with null if it has done its work.</summary>
    protected abstract Task<string?> WaitForEndAsync(TDaemon daemon);

    /// <summary>Checks the daemon.</summary>
    protected abstract Task<HealthCheckResult> CheckAsync(TDaemon daemon, HealthStatus failure, CancellationToken cancellationToken);

    private async Task WatchAsync(TDaemon daemon)
    {
        var reason = await WaitForEndAsync(daemon).ConfigureAwait(false);
        if (_isStopping) return;
        if (reason is not null)
        {
            log.DaemonFailed(reason);
            Environment.ExitCode = 1;
        }

        lifetime.StopApplication();
    }
}
