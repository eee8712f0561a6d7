namespace Sparkish.Compute;

/// <summary>Ends a task that was asked to stop; not a failure.</summary>
internal sealed class TaskKilledException(string reason) : SparkException($"The task was killed: {reason}.")
{
    public string Reason { get; } = reason;
}
