namespace Sparkish.Deploy;

/// <summary>The life of an executor as the cluster sees it; the last four are ends.</summary>
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
