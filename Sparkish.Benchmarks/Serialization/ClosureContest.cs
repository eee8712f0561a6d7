using Sparkish.Serialization;
using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>
/// A lambda with two captured values, from the call that takes it to bytes, and back to a delegate that runs. No other serializer of the platform does
/// that, so the baseline is what is to be reached.
/// </summary>
internal static class ClosureContest
{
    private const double TargetNanoseconds = 10_000;
    private const double TargetBytes = 1024;

    public static SerializationContest Make()
    {
        var context = new SerializationContext { Types = TypeBinder.Application };
        var ours = SerializationContests.Ours(1, MakeFunction(3, "word"),
            static (writer, function) => ObjectSerializer.Write(writer, ClosureCleaner.Clean(function, "Map")),
            bytes => () => ObjectSerializer.Deserialize<Func<string, int>>(bytes, context),
            static (function, copy) => function("words") == ((Func<string, int>)copy)("words"));
        return new SerializationContest("serialization.closure", ("ship", "receive"), 0, [ours, TargetSide()]);
    }

    private static Func<string, int> MakeFunction(int factor, string prefix) =>
        text => text.StartsWith(prefix, StringComparison.Ordinal) ? factor * text.Length : factor;

    private static SerializationSide TargetSide()
    {
        var load = new SerializationLoad(1, static () => "", new Cost(TargetNanoseconds, TargetBytes));
        return new SerializationSide("", "target", load, load, TargetBytes);
    }
}
