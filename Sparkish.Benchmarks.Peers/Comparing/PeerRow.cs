using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Peers.Sides;

namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary>One metric of one load on all sides that have it.</summary>
/// <param name="Name">Such as <c>rpc.remote.ask.1.p50</c>.</param>
/// <param name="Unit">The unit of its values.</param>
/// <param name="Values">The readings of all rounds, by the name of the side.</param>
internal sealed record PeerRow(string Name, string Unit, IReadOnlyDictionary<string, IReadOnlyList<double>> Values)
{
    // Each measurement counts what arrived, and a difference is an error instead of a figure.
    private const string Check = "ok";

    /// <summary>Sparkish on Akka.NET against each other side.</summary>
    public IEnumerable<Figure> Figures => Values.Keys.Where(side => side != PeerSides.SparkishOnAkka).Select(Against);

    public double? MedianOf(string side) => Values.TryGetValue(side, out var values) ? Comparison.Median([.. values]) : null;

    /// <summary>Sparkish on Akka.NET against another side.</summary>
    public Figure Against(string side) => Figure.Of(
        $"{Name}.{side}", MedianOf(PeerSides.SparkishOnAkka)!.Value, Unit, MedianOf(side)!.Value, PeerSides.Of(side).Title, Check);
}
