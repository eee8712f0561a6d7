namespace Sparkish.Deploy;

/// <summary>The states of an executor in the cluster; four of them are final.</summary>
internal enum ExecutorState
{
    Launching,
    Running,
    Killed,
    Failed,
    Lost,
    Exited,

    /// <summary>Its worker gets no new work; it still runs.</summary>
    Decommissioned,
}

internal static class ExecutorStates
{
    public static bool IsFinished(this ExecutorState state) => state is >= ExecutorState.Killed and <= ExecutorState.Exited;
}
