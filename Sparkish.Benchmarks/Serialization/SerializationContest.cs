#pragma warning disable MA0048 // a contest and its sides belong together
using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>One side of a contest.</summary>
/// <param name="Suffix">Ends the names of its figures; empty for Sparkish.</param>
/// <param name="Name">The name that people know.</param>
/// <param name="Write">Writes the objects.</param>
/// <param name="Read">Reads what was written.</param>
/// <param name="Bytes">The bytes of one object.</param>
internal sealed record SerializationSide(string Suffix, string Name, SerializationLoad Write, SerializationLoad Read, double Bytes);

/// <summary>The same objects written and read by Sparkish and by others, in turns.</summary>
/// <param name="Name">Begins the names of the figures, such as <c>serialization.record8</c>.</param>
/// <param name="Verbs">How writing and reading are called.</param>
/// <param name="ObjectBytes">The memory that objects take, for loads that are given in bytes per second; 0 for those that are given in nanoseconds.</param>
/// <param name="Sides">Sparkish's first.</param>
internal sealed record SerializationContest(string Name, (string Write, string Read) Verbs, double ObjectBytes, IReadOnlyList<SerializationSide> Sides)
{
    private const string Check = "ok";

    public IReadOnlyList<Figure> Run(Pace pace)
    {
        var (writes, reads) = (Sides.Select(static _ => new List<Cost>()).ToArray(), Sides.Select(static _ => new List<Cost>()).ToArray());
        foreach (var side in Sides)
        {
            side.Write.Measure(pace.WarmUp);
            side.Read.Measure(pace.WarmUp);
        }

        // In turns, so that whatever else the machine does in these seconds slows down all of them.
        for (var round = 0; round < pace.Rounds; round++)
        {
            for (var i = 0; i < Sides.Count; i++)
            {
                writes[i].Add(Sides[i].Write.Measure(pace.Measure));
                reads[i].Add(Sides[i].Read.Measure(pace.Measure));
            }
        }

        return [.. FiguresOf(writes, reads)];
    }

    private IEnumerable<Figure> FiguresOf(List<Cost>[] writes, List<Cost>[] reads)
    {
        // The first of the others is the baseline of the figures without a suffix.
        foreach (var (peer, suffix) in Enumerable.Range(1, Sides.Count - 1)
            .Select(i => (i, Sides[i].Suffix)).Prepend((1, "")).DistinctBy(static pair => pair.Item2))
        {
            var name = Sides[peer].Name;
            yield return Speed($"{Name}.{Verbs.Write}{suffix}", writes[0], writes[peer], name);
            yield return Speed($"{Name}.{Verbs.Read}{suffix}", reads[0], reads[peer], name);
            yield return Figure.Of($"{Name}.bytes{suffix}", Sides[0].Bytes, "B", Sides[peer].Bytes, name, Check);
            yield return Memory($"{Name}.allocated{suffix}", Allocated(writes[0]), Allocated(writes[peer]), name);
        }
    }

    // Nothing is the best that there is, and no number of times better than something.
    private static Figure Memory(string name, double ours, double peers, string peer) =>
        new(name, ours, "B", peers, peer, Math.Max(peers, 1) / Math.Max(ours, 1), Check, Check);

    private Figure Speed(string name, List<Cost> ours, List<Cost> peers, string peer)
    {
        var (our, their) = (Nanoseconds(ours), Nanoseconds(peers));
        return ObjectBytes == 0
            ? Figure.Of(name, our, "ns", their, peer, Check)
            : Figure.Of(name, ObjectBytes * 1e9 / our, "B/s", ObjectBytes * 1e9 / their, peer, Check);
    }

    private static double Nanoseconds(List<Cost> costs) => Comparison.Median([.. costs.Select(static cost => cost.Nanoseconds)]);

    private static double Allocated(List<Cost> costs) => Comparison.Median([.. costs.Select(static cost => cost.AllocatedBytes)]);
}
