using Sparkish.Validation;

namespace Sparkish.Shuffle;

/// <summary>The validation rules of messages for the <see cref="MapOutputTracker"/>. A message without a rule is an error, which a test detects.</summary>
internal static class MapOutputRules
{
    /// <summary>Returns the problem of a message; null if it is valid.</summary>
    public static string? ProblemOf(IToMapOutputTracker message) => message switch
    {
        GetMapOutputStatuses m => Problem.OfNumber(m.ShuffleId, 0, int.MaxValue),
        RegisterMapOutputs => null, // it comes from this process
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(MapOutputRules)}."),
    };
}
