namespace Sparkish.Deploy.Client;

/// <summary>The conclusions about an executor's tasks from the way it ended.</summary>
internal static class ExecutorExit
{
    /// <summary>The executor could not create its directories.</summary>
    public const int DiskStoreFailedToCreateDirectory = 53;

    /// <summary>The executor could not reach its driver any more.</summary>
    public const int HeartbeatFailure = 56;

    /// <summary>The executor could not register its block manager again.</summary>
    public const int BlockManagerReregistrationFailed = 58;

    /// <summary>Whether the application's own code may have ended the executor, so that its tasks count as failed.</summary>
    /// <param name="exitStatus">The exit status of the process, if known.</param>
    /// <param name="workerHost">Set if the whole worker was lost.</param>
    public static bool CausedByApp(int? exitStatus, string? workerHost) => exitStatus switch
    {
        DiskStoreFailedToCreateDirectory or HeartbeatFailure or BlockManagerReregistrationFailed => false,
        null => workerHost is null,
        _ => true,
    };
}
