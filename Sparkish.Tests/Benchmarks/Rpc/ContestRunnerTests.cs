using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class ContestRunnerTests
{
    private static readonly Pace ThreeRounds = new(WarmUp: TimeSpan.FromSeconds(9), Measure: TimeSpan.FromSeconds(1), Rounds: 3);

    [Test]
    public async Task Sides_warm_up_then_alternate_and_a_figure_is_the_median()
    {
        var calls = new List<string>();
        var ours = new Queue<double>([1000, 10, 30, 20]);
        var contest = new Contest("bare", [new Metric("rpc.x", "1/s")], Scripted("ours", ours), Scripted("bare", new Queue<double>([1000, 5, 5, 5])));

        var figures = await ContestRunner.RunAsync(contest, ThreeRounds, TextWriter.Null, CancellationToken.None);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls, Is.EqualTo(new[] { "ours 9", "bare 9", "ours 1", "bare 1", "ours 1", "bare 1", "ours 1", "bare 1" }));
            Assert.That(figures, Is.EqualTo(new[] { new Figure("rpc.x", 20, "1/s", 5, "bare", 4, "ok", "ok") }));
        }

        Side Scripted(string name, Queue<double> values) => duration =>
        {
            calls.Add($"{name} {duration.TotalSeconds}");
            return Task.FromResult<double[]>([values.Dequeue()]);
        };
    }

    [Test]
    public void A_peers_median_stands_beside_our_figure_of_the_same_name()
    {
        var ours = new[] { Figure.Of("rpc.x.p50", 2e-6, "s", 1, "bare", "ok"), Figure.Of("rpc.y", 1, "1/s", 1, "bare", "ok") };
        var readings = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal) { ["rpc.x.p50"] = [10e-6, 8e-6, 9e-6], ["rpc.z"] = [1] };

        var figures = ContestRunner.Against("spark", readings, ".spark", ours);

        Assert.That(figures, Is.EqualTo(new[] { Figure.Of("rpc.x.p50.spark", 2e-6, "s", 9e-6, "spark", "ok") }));
    }
}
