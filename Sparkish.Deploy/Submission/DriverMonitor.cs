using System.Globalization;

namespace Sparkish.Deploy.Submission;

/// <summary>Reports the state of a driver on the standard output, as Spark's submission client does.</summary>
/// <param name="getStatus">Asks the leader.</param>
/// <param name="print">Prints a line.</param>
/// <param name="time">The clock.</param>
internal sealed class DriverMonitor(Func<DriverId, CancellationToken, Task<DriverStatusResponse>> getStatus, Action<string> print, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Reports the state of a driver once a while after its submission, or until its end.</summary>
    /// <returns>Whether the driver was not in error.</returns>
    /// <exception cref="SparkException">The driver is unknown, or no master answers.</exception>
    public async Task<bool> FollowAsync(DriverId driver, bool untilEnd, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Pause)
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            var status = await ReportAsync(driver, cancellationToken).ConfigureAwait(false);
            if (DriverStates.SuccessorIn(status) is { } successor) driver = successor;
            else if (!untilEnd || status.State!.Value.IsFinished()) return status.State != DriverState.Error;
        }
    }

    /// <summary>Reports the state of a driver.</summary>
    /// <exception cref="SparkException">The driver is unknown, or no master answers.</exception>
    public async Task<DriverStatusResponse> ReportAsync(DriverId driver, CancellationToken cancellationToken)
    {
        var status = await getStatus(driver, cancellationToken).ConfigureAwait(false);
        if (!status.Found || status.State is not { } state) throw new SparkException(status.Message ?? $"The master does not know driver {driver}.");
        var where = status is { State: DriverState.Running, Worker: { } worker }
            ? string.Create(CultureInfo.InvariantCulture, $" on {worker} at {status.WorkerHostPort}")
            : "";
        print($"Driver {driver} is {state.ToString().ToUpperInvariant()}{where}{(status.Message is null ? "" : $": {status.Message}")}");
        return status;
    }
}
