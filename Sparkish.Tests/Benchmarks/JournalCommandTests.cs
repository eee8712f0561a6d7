using System.Text.Json;
using Sparkish.Benchmarks.Journal;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Benchmarks;

internal sealed class JournalCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Test, Long]
    public async Task Each_figure_is_one_JSON_line_and_a_kind_that_is_not_installed_says_why()
    {
        await using var journal = Start("--json");

        var status = await journal.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, journal.Transcript);
        JsonElement[] figures = [.. journal.Output.Select(line => JsonElement.Parse(line))];
        var installed = JournalContestants.All.Where(entrant => entrant.WhyMissing() is null).Select(entrant => entrant.Name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(figures.Select(NameOf), Is.EqualTo(installed.SelectMany(Figures)));
            Assert.That(figures.Select(figure => figure.GetProperty("value").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("ratio").GetDouble()), Has.All.Positive);
            foreach (var entrant in JournalContestants.All.Where(entrant => entrant.WhyMissing() is not null))
                Assert.That(journal.Errors, Has.Some.EqualTo($"journal.{entrant.Name}.* is missing: {entrant.WhyMissing()}"));
        }
    }

    [Test]
    public async Task The_table_shows_what_is_to_be_reached()
    {
        await using var journal = Start("--only", "file");

        var status = await journal.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, journal.Transcript);
        var row = journal.Output.Single(line => line.Contains("journal.file.append ", StringComparison.Ordinal)).Split('│', StringSplitOptions.TrimEntries);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row[4], Is.EqualTo("write and fsync of each"));
            Assert.That(row[6], Is.EqualTo(">= 20 k/s"));
            Assert.That(row[7], Is.AnyOf("yes", "no"));
        }
    }

    private static IEnumerable<string> Figures(string kind) =>
        (kind == "file" ? new[] { "append", "append.single" } : ["append"]).Concat(["replay.1000", "replay.100000"]).Select(what => $"journal.{kind}.{what}");

    private static string NameOf(JsonElement figure) => figure.GetProperty("name").GetString()!;

    private static TestProcess Start(params string[] arguments) =>
        TestProcess.StartAssembly("Sparkish.Benchmarks.dll", ["journal", "--quick", "--rounds", "1", .. arguments]);
}
