namespace Sparkish.Deploy.Master;

/// <summary>The states of an application: waiting until its first executor starts; three of them are final.</summary>
internal enum ApplicationState
{
    Waiting,
    Running,
    Finished,
    Failed,
    Killed,

    /// <summary>A new leader has read it from the journal, and has not heard from its driver yet.</summary>
    Unknown,
}

internal static class ApplicationStates
{
    public static bool IsFinished(this ApplicationState state) => state is ApplicationState.Finished or ApplicationState.Failed or ApplicationState.Killed;
}
