using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>Log events of drivers in cluster mode: 3550 to 3599.</summary>
internal static partial class DriverLog
{
    [LoggerMessage(3551, LogLevel.Warning, "Driver {Driver} exited with code {Status} and starts again in {Pause}")]
    public static partial void DriverStartsAgain(this ILogger log, DriverId driver, int status, TimeSpan pause);

    [LoggerMessage(3552, LogLevel.Warning, "Driver {Driver} did not stop within {Timeout} (spark.worker.driverTerminateTimeout) and was killed")]
    public static partial void DriverKilledForGood(this ILogger log, DriverId driver, TimeSpan timeout);

    [LoggerMessage(3553, LogLevel.Information, "Driver {Driver} runs as process {Pid} in {Directory}")]
    public static partial void DriverProcessStarted(this ILogger log, DriverId driver, int pid, string directory);

    [LoggerMessage(3554, LogLevel.Warning, "Lost output of driver {Driver}: {Reason}")]
    public static partial void DriverOutputCutOff(this ILogger log, DriverId driver, string reason);

    [LoggerMessage(3555, LogLevel.Debug, "Driver {Driver} did not take its settings: {Reason}")]
    public static partial void DriverSettingsNotTaken(this ILogger log, DriverId driver, string reason);
}
