using System.Globalization;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary>One load, the same on every side.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Count">Bytes of a message that is told, or the number of asks outstanding.</param>
internal sealed record PeerLoad(LoadKind Kind, int Count)
{
    /// <summary>Bytes of a message that is asked.</summary>
    public const int AskBytes = 64;

    /// <summary>All loads, in the order of the table.</summary>
    public static IReadOnlyList<PeerLoad> All { get; } =
    [
        new(LoadKind.LocalTell, 0), new(LoadKind.LocalAsk, 1), new(LoadKind.LocalAsk, 256),
        new(LoadKind.OneWay, 64), new(LoadKind.OneWay, 1024),
        new(LoadKind.Ask, 1), new(LoadKind.Ask, 16), new(LoadKind.Ask, 256),
    ];

    /// <summary>The name of its first figure, equal to that of <c>rpc</c>.</summary>
    public string Name => Kind switch
    {
        LoadKind.LocalTell => "rpc.local.tell",
        LoadKind.LocalAsk when Count == 256 => "rpc.local.ask",
        LoadKind.LocalAsk => $"rpc.local.ask.{Count}",
        LoadKind.OneWay => $"rpc.remote.oneway.{Count}",
        _ => $"rpc.remote.ask.{Count}",
    };

    public bool IsRemote => Kind is LoadKind.OneWay or LoadKind.Ask;

    /// <summary>What a side reads, in this order.</summary>
    public IReadOnlyList<Metric> Metrics => Kind switch
    {
        LoadKind.LocalTell or LoadKind.OneWay => [new Metric(Name, "1/s")],
        _ => [new Metric(Name, "1/s"), new Metric($"{Name}.p50", "s"), new Metric($"{Name}.p99", "s"), new Metric($"{Name}.bytes", "B")],
    };

    /// <summary>As it is said to a process.</summary>
    public string ToLine(TimeSpan duration) => $"{Name} {(long)duration.TotalMilliseconds}";

    /// <exception cref="SparkException">The line is not one of <see cref="ToLine"/>.</exception>
    public static (PeerLoad Load, TimeSpan Duration) Parse(string line)
    {
        var parts = line.Split(' ');
        if (parts.Length == 2
            && All.FirstOrDefault(load => load.Name.Equals(parts[0], StringComparison.Ordinal)) is { } load
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return (load, TimeSpan.FromMilliseconds(milliseconds));
        }

        throw new SparkException($"'{line}' is not a load and its milliseconds.");
    }
}
