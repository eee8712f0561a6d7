namespace Sparkish.Benchmarks.Comparing;

/// <summary>How a workload is compared: the same settings on both sides, and what is taken from a process's output.</summary>
/// <param name="Name">The workload's name on both sides.</param>
/// <param name="Settings">Its settings; <c>warm</c> runs are not measured.</param>
/// <param name="CountsPerRun">How many tasks or jobs one run has, for a figure in counts a second; null for none.</param>
/// <param name="FromProcessStart">Whether the figure is the time from process start to the first result instead of a warmed-up run's time.</param>
internal sealed record ComparedWorkload(string Name, IReadOnlyList<string> Settings, int? CountsPerRun = null, bool FromProcessStart = false)
{
    public const string WordCount = "wordcount";

    public static IReadOnlyList<ComparedWorkload> All { get; } =
    [
        new("first", ["warm=0", "runs=1"], FromProcessStart: true),
        new(WordCount, ["warm=1", "runs=1"]),
        new("tasks", ["n=10000", "warm=2", "runs=1"], CountsPerRun: 10_000),
        new("jobs", ["n=300", "warm=2", "runs=1"], CountsPerRun: 300),
        new("map", ["n=100000000", "warm=1", "runs=1"]),
        new("aggregate", ["n=20000000", "keys=1000", "warm=1", "runs=1"]),
        new("sort", ["n=2000000", "warm=1", "runs=1"]),
    ];

    /// <summary>A workload by its name.</summary>
    /// <exception cref="SparkException">There is no such workload.</exception>
    public static ComparedWorkload Named(string name) =>
        All.FirstOrDefault(workload => string.Equals(workload.Name, name, StringComparison.Ordinal))
        ?? throw new SparkException($"'{name}' cannot be compared: choose from {string.Join(", ", All.Select(workload => workload.Name))}.");

    /// <summary>What one process adds to the figure: the median of its runs, or the time to its first result.</summary>
    public double SecondsOf(BenchOutput output) => FromProcessStart ? output.FirstRunEndsSeconds : Comparison.Median(output.RunSeconds);
}
