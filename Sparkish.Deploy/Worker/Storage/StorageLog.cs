using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Storage;

/// <summary>Log events of a work directory: 3290 to 3299.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(3291, LogLevel.Information, "Directory {Directory} of {SizeMiB} MiB removed: last changed at {LastChange}")]
    public static partial void DirectoryRemoved(this ILogger log, string directory, long sizeMiB, DateTimeOffset lastChange);

    [LoggerMessage(3292, LogLevel.Warning, "Could not clean {Directory}: {Reason}")]
    public static partial void CleaningFailed(this ILogger log, string directory, string reason);

    [LoggerMessage(3293, LogLevel.Warning,
        "Executors and drivers that run use {SizeMiB} MiB of {Directory}, more than the {LimitMiB} MiB of spark.worker.cleanup.maxTotalSize")]
    public static partial void TooLarge(this ILogger log, string directory, long sizeMiB, long limitMiB);
}
