using Sparkish.Validation;

namespace Sparkish.Executor;

/// <summary>
/// The validation rules of messages between drivers and executors. Each receiver validates a message before it uses it. A message without a rule is an error,
/// which a test detects.
/// </summary>
internal static class ExecutorRules
{
    private const int MaxCores = 65_536;
    private const int MaxIdChars = 10;

    /// <summary>Returns the problem of a message for a driver; null if it is valid.</summary>
    public static string? ProblemOf(IToDriver message) => message switch
    {
        StatusUpdate m => OfExecutorId(m.ExecutorId) ?? Problem.OfNumber(m.TaskId, 0, long.MaxValue) ?? Problem.OfEnum(m.State) ?? Problem.OfPart(m.Data),
        RetrieveSparkAppConfig => null, // it says nothing
        RegisterExecutor m => OfExecutorId(m.ExecutorId) ?? Problem.OfRef(m.Executor) ?? Problem.OfText(m.Host, Problem.MaxName)
            ?? Problem.OfNumber(m.Cores, 1, MaxCores) ?? Problem.OfText(m.EngineBuild, Problem.MaxName),
        ExpectExecutor or RemoveExecutor or DecommissionExecutor or StopExecutors or NoMoreExecutors or MoreExecutors => null, // they come from this process
        _ => throw Missing(message),
    };

    /// <summary>Returns the problem of a message for an executor, which trusts its driver's code in any case; null if it is valid.</summary>
    public static string? ProblemOf(IToExecutor message) => message switch
    {
        LaunchTask m => Problem.OfPart(m.Task) ?? Problem.OfPart(m.Task.Partition) ?? Problem.OfNumber(m.Task.TaskId, 0, long.MaxValue),
        KillTask m => Problem.OfPart(m.Reason),
        ForgetTaskBinary or StopExecutor => null, // a number that is looked up, and nothing
        _ => throw Missing(message),
    };

    /// <summary>An executor's id is a number: it becomes part of paths and log lines.</summary>
    private static string? OfExecutorId(string? id) =>
        id is { Length: > 0 and <= MaxIdChars } && !id.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "ExecutorId must be a number of at most 10 digits";

    private static NotSupportedException Missing(object message) => new($"{message.GetType().Name} has no rule: add it to {nameof(ExecutorRules)}.");
}
