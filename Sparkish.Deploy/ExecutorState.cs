namespace Sparkish.Deploy;

/// <summary>The states of an executor in the cluster; the last four are final.</summary>
internal enum ExecutorState
{
    Launching,
    Running,
    Killed,
    Failed,
    Lost,
    Exited,
}

internal static class ExecutorStates
{
    public static bool IsFinished(this ExecutorState state) => state >= ExecutorState.Killed;
}
