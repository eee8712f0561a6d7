using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Tests.Benchmarks;

internal sealed class ComparisonTests
{
    private const string Peer = "spark 4.3.0";

    [Test]
    public void A_time_is_the_median_over_rounds_and_its_ratio_is_theirs_by_ours()
    {
        var ours = new[] { Output(3), Output(1), Output(2) };
        var peers = new[] { Output(10), Output(30), Output(20) };

        var figures = Comparison.Figures(new ComparedWorkload("map", []), ours, peers, Peer);

        Assert.That(figures, Is.EqualTo(new[]
        {
            new Figure("compare.map", 2, "s", 20, Peer, 10, "ok", "ok"),
            new Figure("compare.map.memory", 100, "B", 100, Peer, 1, "ok", "ok"),
        }));
    }

    [Test]
    public void A_rate_is_counts_a_second_and_its_ratio_is_ours_by_theirs()
    {
        var figures = Comparison.Figures(new ComparedWorkload("tasks", [], CountsPerRun: 1000), [Output(2)], [Output(8)], Peer);

        Assert.That(figures[1], Is.EqualTo(new Figure("compare.tasks.rate", 500, "1/s", 125, Peer, 4, "ok", "ok")));
    }

    [Test]
    public void The_first_result_is_timed_from_process_start()
    {
        var figures = Comparison.Figures(new ComparedWorkload("first", [], FromProcessStart: true), [Output(1, first: 0.5)], [Output(1, first: 5)], Peer);

        Assert.That(figures[0], Is.EqualTo(new Figure("compare.first", 0.5, "s", 5, Peer, 10, "ok", "ok")));
    }

    [Test]
    public void Memory_that_a_system_does_not_count_is_no_figure()
    {
        var figures = Comparison.Figures(new ComparedWorkload("map", []), [Output(1, peak: -1024)], [Output(1, peak: -1024)], Peer);

        Assert.That(figures.Select(figure => figure.Name), Is.EqualTo(new[] { "compare.map" }));
    }

    [Test]
    public void Different_answers_are_an_error_and_no_ratio() =>
        Assert.That(() => Comparison.Figures(new ComparedWorkload("map", []), [Output(1)], [Output(1) with { Check = "other" }], Peer),
            Throws.TypeOf<SparkException>().With.Message.EqualTo(
                "map has check values that differ: sparkish ok, spark 4.3.0 other. The times of different answers are not compared."));

    [Test]
    public void Different_answers_in_two_rounds_of_one_side_are_an_error() =>
        Assert.That(() => Comparison.Figures(new ComparedWorkload("map", []), [Output(1), Output(1) with { Check = "a" }], [Output(1)], Peer),
            Throws.TypeOf<SparkException>().With.Message.Contains("sparkish a and ok"));

    [FsCheck.NUnit.Property]
    public bool A_median_has_as_many_values_below_it_as_above(FsCheck.NonEmptyArray<FsCheck.NormalFloat> values)
    {
        double[] numbers = [.. values.Get.Select(value => value.Get)];

        var median = Comparison.Median(numbers);

        return numbers.Count(n => n < median) <= numbers.Length / 2 && numbers.Count(n => n > median) <= numbers.Length / 2;
    }

    private static BenchOutput Output(double seconds, double first = 1, long peak = 100) => new(first, [seconds], "ok", peak);
}
