namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>All sides, in the order of the table.</summary>
internal static class PeerSides
{
    public const string Sparkish = "sparkish";
    public const string SparkishOnAkka = "sparkish-akka";
    public const string AkkaBytes = "akka-bytes";
    public const string AkkaHyperion = "akka-hyperion";
    public const string Orleans = "orleans";

    public static IReadOnlyList<PeerSide> All { get; } =
    [
        new SparkishSide(isOnAkka: true), new AkkaSide(usesHyperion: true), new AkkaSide(usesHyperion: false), new SparkishSide(isOnAkka: false),
        new OrleansSide(),
    ];

    public static int IndexOf(PeerSide side) => Array.IndexOf([.. All], side);

    /// <exception cref="SparkException">No side has the name.</exception>
    public static PeerSide Of(string name) =>
        All.FirstOrDefault(side => side.Name.Equals(name, StringComparison.Ordinal)) ?? throw new SparkException($"Unknown side '{name}'.");
}
