using System.Text.Json;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Benchmarks;

internal sealed class SerializationCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly string[] Figures =
    [
        .. Of("pairs", "write", "read", "", ".binarywriter", ".json"), .. Of("record8", "write", "read", "", ".binarywriter", ".json"),
        .. Of("longs", "write", "read", "", ".memcpy", ".binarywriter", ".json"),
            .. Of("graph1000", "write", "read", "", ".json"), .. Of("closure", "ship", "receive", ""),
    ];

    [Test]
    public async Task Each_figure_is_one_JSON_line_with_ours_and_the_baseline()
    {
        await using var serialization = Start("--json");

        var status = await serialization.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, serialization.Transcript);
        JsonElement[] figures = [.. serialization.Output.Select(line => JsonElement.Parse(line))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(figures.Select(NameOf), Is.EqualTo(Figures));
            Assert.That(figures.Where(figure => !NameOf(figure).Contains(".allocated", StringComparison.Ordinal))
                .Select(figure => figure.GetProperty("value").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("ratio").GetDouble()), Has.All.Positive);
            Assert.That(figures.Select(figure => figure.GetProperty("unit").GetString()), Has.All.AnyOf("ns", "B", "B/s"));
            Assert.That(UnitOf(figures, "serialization.longs.write"), Is.EqualTo("B/s"));
            Assert.That(UnitOf(figures, "serialization.record8.write"), Is.EqualTo("ns"));
        }
    }

    [Test]
    public async Task The_table_shows_what_is_to_be_reached()
    {
        await using var serialization = Start();

        var status = await serialization.WaitForExitAsync(Limit);

        Assert.That(status, Is.Zero, serialization.Transcript);
        var row = serialization.Output.Single(line => line.Contains("serialization.record8.write ", StringComparison.Ordinal))
            .Split('│', StringSplitOptions.TrimEntries);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row[4], Is.EqualTo("BinaryWriter"));
            Assert.That(row[6], Is.EqualTo("<= 30 ns"));
            Assert.That(row[7], Is.AnyOf("yes", "no"));
        }
    }

    private static IEnumerable<string> Of(string load, string write, string read, params string[] suffixes) =>
        suffixes.SelectMany(suffix => new[] { write, read, "bytes", "allocated" }.Select(what => $"serialization.{load}.{what}{suffix}"));

    private static string NameOf(JsonElement figure) => figure.GetProperty("name").GetString()!;

    private static string UnitOf(JsonElement[] figures, string name) => figures.Single(figure => NameOf(figure) == name).GetProperty("unit").GetString()!;

    private static TestProcess Start(params string[] arguments) =>
        TestProcess.StartAssembly("Sparkish.Benchmarks.dll", ["serialization", "--quick", "--rounds", "1", .. arguments]);
}
