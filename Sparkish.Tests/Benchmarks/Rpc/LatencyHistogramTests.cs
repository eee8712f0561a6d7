using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class LatencyHistogramTests
{
    [FsCheck.NUnit.Property]
    public Property A_percentile_is_the_latency_of_that_rank_or_up_to_one_part_in_64_more() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).NonEmptyListOf().ToArbitrary(), Gen.Choose(1, 100).ToArbitrary(), (latencies, percent) =>
        {
            var histogram = new LatencyHistogram();
            foreach (var latency in latencies) histogram.Record(latency);
            var exact = latencies.Order().ElementAt((int)Math.Ceiling(latencies.Count * (percent / 100.0)) - 1);

            var ticks = Math.Round(histogram.SecondsAt(percent / 100.0) * Stopwatch.Frequency);

            return ticks >= exact && ticks <= exact + (exact / 64.0);
        });

    [Test]
    public void Histograms_add_up()
    {
        var (fast, slow) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 99; i++) fast.Record(10);
        slow.Record(50);

        fast.Add(slow);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fast.Count, Is.EqualTo(100));
            Assert.That(fast.SecondsAt(0.99) * Stopwatch.Frequency, Is.EqualTo(10).Within(0.001));
            Assert.That(fast.SecondsAt(1) * Stopwatch.Frequency, Is.EqualTo(50).Within(0.001));
        }
    }

    [Test]
    public void What_is_beyond_the_last_bucket_is_kept_in_it()
    {
        var histogram = new LatencyHistogram();

        histogram.Record(long.MaxValue);

        Assert.That(histogram.SecondsAt(0.5), Is.Positive);
    }

    [Test]
    public void A_histogram_of_nothing_has_no_percentiles() =>
        Assert.That(() => new LatencyHistogram().SecondsAt(0.5), Throws.InvalidOperationException);
}
