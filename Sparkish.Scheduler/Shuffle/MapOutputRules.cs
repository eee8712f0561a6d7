using Sparkish.Validation;

namespace Sparkish.Shuffle;

/// <summary>What the messages for the <see cref="MapOutputTracker"/> must be like. A message without a rule is an error, which a test finds.</summary>
internal static class MapOutputRules
{
    /// <summary>What is wrong with a message; null where nothing is.</summary>
    public static string? ProblemOf(IToMapOutputTracker message) => message switch
    {
        GetMapOutputStatuses m => Problem.OfNumber(m.ShuffleId, 0, int.MaxValue),
        RegisterMapOutputs => null, // it comes from this process
        _ => throw new NotSupportedException($"{message.GetType().Name} has no rule: add it to {nameof(MapOutputRules)}."),
    };
}
