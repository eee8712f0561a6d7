namespace Sparkish.Tasks;

/// <summary>The reason for the end of a task attempt.</summary>
internal abstract record TaskEndReason
{
    /// <summary>Whether it counts against <c>spark.task.maxFailures</c>.</summary>
    public virtual bool CountsAsFailure => false;
}

internal sealed record TaskSucceeded(byte[] Result) : TaskEndReason
{
    public override string ToString() => "Success";
}

/// <summary>The user's function, or ours, threw.</summary>
/// <param name="ClassName">The exception's type.</param>
/// <param name="Description">Its message.</param>
/// <param name="StackTrace">Its stack trace.</param>
/// <param name="Exception">The exception as a serialized graph; empty when it cannot be sent.</param>
internal sealed record ExceptionFailure(string ClassName, string Description, string StackTrace, byte[] Exception) : TaskEndReason
{
    public override bool CountsAsFailure => true;

    public override string ToString() => $"{ClassName}: {Description}";
}

/// <summary>The task's input could not be fetched; as the reader of the shuffle describes it.</summary>
internal sealed record FetchFailed(int ShuffleId, int MapIndex, int ReduceId, string? ExecutorId, string Message) : TaskEndReason
{
    public override string ToString() => $"FetchFailed({Message})";
}

internal sealed record TaskKilled(string Reason) : TaskEndReason
{
    public override string ToString() => $"TaskKilled ({Reason})";
}

/// <summary>The executor went away under the task.</summary>
internal sealed record ExecutorLostFailure(string ExecutorId, bool ExitCausedByApp, string Reason) : TaskEndReason
{
    public override bool CountsAsFailure => ExitCausedByApp;

    public override string ToString() =>
        $"ExecutorLostFailure (executor {ExecutorId} exited {(ExitCausedByApp ? "caused by one of the running tasks" : "unrelated to the running tasks")}) [Reason: {Reason}]";
}
