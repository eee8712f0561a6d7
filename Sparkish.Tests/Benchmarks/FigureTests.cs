using System.Globalization;
using Sparkish.Benchmarks.Comparing;
using Spectre.Console;

namespace Sparkish.Tests.Benchmarks;

internal sealed class FigureTests
{
    private static readonly Figure WordCount = Figure.Of("compare.wordcount", 2.0000004, "s", 16.1234567, "spark 4.3.0", "8/10");

    [Test]
    public void A_figure_is_one_JSON_line_of_eight_fields() =>
        Assert.That(WordCount.ToJsonLine(), Is.EqualTo(
            """{"name":"compare.wordcount","value":2,"unit":"s","baseline":16.1235,"baselineName":"spark 4.3.0","ratio":8.06173,"check":"8/10","baselineCheck":"8/10"}"""));

    [Test]
    public void Large_and_small_values_are_plain_numbers() =>
        Assert.That(Figure.Of("compare.sort.memory", 8_589_934_592, "B", 0.00001, "spark", "1").ToJsonLine(),
            Does.Contain("\"value\":8589930000,").And.Contains("\"baseline\":0.00001,"));

    [TestCase("s", 1.23456, "1.235 s")]
    [TestCase("B", 1048576 * 1500.0, "1,500 MiB")]
    [TestCase("1/s", 20000.4, "20,000 1/s")]
    public void The_table_shows_values_with_their_unit(string unit, double value, string expected) =>
        Assert.That(FigureTable.InUnit(value, unit), Is.EqualTo(expected));

    [Test]
    public void The_table_has_a_row_for_each_figure()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 120;

        FigureTable.Print(console, "spark 4.3.0", [WordCount]);

        Assert.That(text.ToString().Split('\n').Single(line => line.Contains("compare.wordcount", StringComparison.Ordinal))
            .Split('│', StringSplitOptions.TrimEntries),
            Is.EqualTo(new[] { "", "compare.wordcount", "2.000 s", "16.123 s", "8.06", "8/10", "" }));
    }
}
