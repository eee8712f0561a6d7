using Sparkish.Validation;

namespace Sparkish.Deploy.Logs;

/// <summary>The validation rules of messages about output.</summary>
internal static class LogRules
{
    /// <summary>The most bytes in one message.</summary>
    public const int MaxPart = 256 << 10;

    private const int MaxFile = 64;

    /// <summary>Returns the problem of a request; null if it is valid.</summary>
    public static string? ProblemOf(IToLogs message) => message switch
    {
        RequestLog m => Problem.OfPart(m.Source) ?? OfSource(m.Source) ?? Problem.OfEnum(m.Stream) ?? OfPosition(m.From)
            ?? (m.Worker is { } worker ? DeployRules.OfWorker(worker) : null),
        FetchLog m => Problem.OfPart(m.Source) ?? OfSource(m.Source) ?? Problem.OfEnum(m.Stream) ?? OfPosition(m.From),
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(LogRules)}."),
    };

    /// <summary>Returns the problem of a reply; null if it is valid.</summary>
    public static string? ProblemOf(IFromLogs message) => message switch
    {
        LogPart m => (m.Worker is { } worker ? DeployRules.OfWorker(worker) : null) ?? Problem.OfPart(m.Data) ?? Problem.OfCount(m.Data.Length, MaxPart, "Data")
            ?? OfPosition(m.Next),
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(LogRules)}."),
    };

    // The ids become part of a path.
    private static string? OfSource(LogSource source) => (source.App, source.Driver) switch
    {
        ({ } app, null) => DeployRules.OfApplication(app) ?? Problem.OfNumber(source.Executor, 0, int.MaxValue, "Executor"),
        (null, { } driver) => DeployRules.OfDriver(driver),
        _ => "Source is neither an executor nor a driver",
    };

    private static string? OfPosition(LogPosition? position) => position is null ? null
        : Problem.OfText(position.File, MaxFile, "File") ?? (position.Offset >= 0 ? null : "Offset is negative");
}
