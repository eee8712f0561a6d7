#pragma warning disable MA0048 // a contest and its parts belong together
namespace Sparkish.Benchmarks.Rpc.Measuring;

/// <summary>What one side reads in about the time that it is given: a value for each metric of its contest, in their order.</summary>
/// <exception cref="SparkException">Something was lost or came back changed: there is no figure then.</exception>
internal delegate Task<double[]> Side(TimeSpan duration);

/// <summary>One number of a contest.</summary>
/// <param name="Name">The name of its figure, such as <c>rpc.remote.ask.1.p50</c>.</param>
/// <param name="Unit"><c>s</c>, <c>B</c>, <c>1/s</c> or <c>B/s</c>.</param>
internal sealed record Metric(string Name, string Unit);

/// <summary>The same load on Sparkish and on a baseline; both sides read the same metrics.</summary>
internal sealed record Contest(string BaselineName, IReadOnlyList<Metric> Metrics, Side Ours, Side Baseline)
{
    /// <summary>What progress is reported under: the first metric.</summary>
    public string Name => Metrics[0].Name;
}

/// <summary>How long and how often each side runs.</summary>
/// <param name="WarmUp">How long a side runs first, unmeasured: the just-in-time compiler needs some seconds of load to settle.</param>
/// <param name="Measure">How long one measurement takes.</param>
/// <param name="Rounds">How many measurements a median is taken over.</param>
internal sealed record Pace(TimeSpan WarmUp, TimeSpan Measure, int Rounds);
