namespace Sparkish.Benchmarks.Rpc.Measuring;

/// <summary>
/// Which figures a user wants: all, or those whose name is, or begins with the dotted parts of, one of some names; <c>rpc.</c> may be left out.
/// </summary>
internal sealed class FigureSelection(IReadOnlyList<string> names)
{
    private const string Prefix = "rpc.";

    private readonly string[] _names = [.. names.SelectMany(name => name.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Select(name => name is "rpc" || name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name)];

    public bool Includes(Contest contest) => Includes(contest.Metrics);

    /// <summary>Whether one of some metrics of one load is wanted.</summary>
    public bool Includes(IEnumerable<Metric> metrics) => _names.Length == 0 || metrics.Any(metric => Array.Exists(_names, name => Covers(name, metric.Name)));

    /// <summary>What the selection was made from, for an error.</summary>
    public override string ToString() => string.Join(", ", _names);

    private static bool Covers(string name, string figure) =>
        figure.StartsWith(name, StringComparison.Ordinal) && (figure.Length == name.Length || figure[name.Length] == '.');
}
