using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Tests.Benchmarks;

internal sealed class BenchOutputTests
{
    private const string First = """{"engine":"spark","workload":"tasks","first_run_ends_ms":12200}""";
    private const string Peak = """{"engine":"spark","workload":"tasks","peak_rss_kib":2048}""";

    [Test]
    public void The_lines_of_the_peer_become_one_output()
    {
        string[] lines = ["some log line", First, Run(0, "2.4621", "10000"), Run(1, "1.5", "10000"), Peak];

        var output = BenchOutput.Parse("spark", lines);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output.FirstRunEndsSeconds, Is.EqualTo(12.2));
            Assert.That(output.RunSeconds, Is.EqualTo(new[] { 2.4621, 1.5 }));
            Assert.That(output.Check, Is.EqualTo("10000"));
            Assert.That(output.PeakBytes, Is.EqualTo(2048 * 1024));
        }
    }

    [Test]
    public void An_output_without_a_measured_run_is_an_error() =>
        Assert.That(() => BenchOutput.Parse("spark", [First, Peak]),
            Throws.TypeOf<SparkException>().With.Message.StartsWith("spark printed no complete measurement"));

    [Test]
    public void Runs_that_differ_in_their_check_are_an_error() =>
        Assert.That(() => BenchOutput.Parse("spark", [First, Run(0, "1", "7"), Run(1, "1", "8"), Peak]),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("spark printed check values that differ from run to run: 7, 8."));

    [Test]
    public void A_broken_line_is_an_error_that_shows_it() =>
        Assert.That(() => BenchOutput.Parse("spark", ["{\"engine\":"]),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("spark printed '{\"engine\":', which is no JSON object."));

    private static string Run(int run, string seconds, string check) =>
        $$"""{"engine":"spark","workload":"tasks","run":{{run}},"seconds":{{seconds}},"check":"{{check}}"}""";
}
