namespace Sparkish.Deploy;

/// <summary>The states of a driver in cluster mode; the last five are final.</summary>
internal enum DriverState
{
    /// <summary>Waiting for a worker.</summary>
    Submitted,

    /// <summary>A worker was told to run it.</summary>
    Running,

    /// <summary>Exited with status 0.</summary>
    Finished,

    /// <summary>Another driver with another id has replaced it, since its worker was lost.</summary>
    Relaunching,

    /// <summary>Killed on request.</summary>
    Killed,

    /// <summary>Exited with another status.</summary>
    Failed,

    /// <summary>Not started because of an error, or lost with its worker.</summary>
    Error,
}

internal static class DriverStates
{
    private const string Relaunched = "Its worker was lost. It was submitted again as ";

    public static bool IsFinished(this DriverState state) => state >= DriverState.Finished;

    /// <summary>Whether a worker may report it.</summary>
    public static bool IsEnd(this DriverState state) => state is DriverState.Finished or DriverState.Killed or DriverState.Failed or DriverState.Error;

    /// <summary>The message of a driver that another one has replaced.</summary>
    public static string RelaunchedAs(DriverId successor) => Relaunched + successor.Value;

    /// <summary>The driver that has replaced another one, from its message; null if there is none.</summary>
    public static DriverId? SuccessorIn(DriverStatusResponse status) =>
        status is { State: DriverState.Relaunching, Message: { } message } && message.StartsWith(Relaunched, StringComparison.Ordinal)
            ? new DriverId(message[Relaunched.Length..])
            : null;
}
