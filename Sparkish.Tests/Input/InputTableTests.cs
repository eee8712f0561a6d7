using System.Diagnostics;
using System.Text;
using Sparkish.Tests.Docs;

namespace Sparkish.Tests.Input;

/// <summary>
/// The table in docs/input.md: what TextFile gives beside what Spark gives. Spark's side was recorded; where SPARKISH_TEST_SPARK names the directory of a
/// Spark with a <c>run</c> script, it is asked again. Update the table with SPARKISH_APPROVE=1.
/// </summary>
internal sealed class InputTableTests
{
    private const string Page = "docs/input.md";
    private const string Header = "| Input | Path | Spark 4.3 | Sparkish |\n|---|---|---|---|\n";

    [Test]
    public void Each_input_gives_what_Spark_gives_or_is_refused_by_name()
    {
        var recorded = RecordedSpark();
        using var sc = LocalContext.Start();

        var rows = InputCases.All.Select(input => (Input: input, Spark: recorded.GetValueOrDefault(input.Name, "not recorded"), Ours: Read(sc, input))).ToArray();

        if (GuideText.IsApproving) Record(rows.Select(row => (row.Input, row.Spark, row.Ours.Text)));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (input, spark, ours) in rows) AssertRight(input, spark, ours);
            Assert.That(GuideText.Generated(GuideText.Read(Page), "inputs"), Is.EqualTo(Table(rows.Select(row => (row.Input, row.Spark, row.Ours.Text)))),
                "Run this test with SPARKISH_APPROVE=1.");
        }
    }

    [Test]
    public async Task Spark_still_gives_what_the_table_says()
    {
        if (Environment.GetEnvironmentVariable("SPARKISH_TEST_SPARK") is not { Length: > 0 } spark)
        {
            Assert.Ignore("No Spark to compare with: SPARKISH_TEST_SPARK names no directory.");
            return;
        }

        var recorded = RecordedSpark();
        using var sc = LocalContext.Start();

        var answers = await AskSparkAsync(spark);

        if (GuideText.IsApproving)
            Record(InputCases.All.Zip(answers, (input, answer) => (input, answer.Text, Ours: Read(sc, input).Text)));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (input, answer) in InputCases.All.Zip(answers))
                Assert.That(GuideText.IsApproving ? answer.Text : recorded.GetValueOrDefault(input.Name), Is.EqualTo(answer.Text), input.Name);
        }
    }

    private static void AssertRight(InputCase input, string spark, InputOutcome ours)
    {
        if (ours.IsError)
        {
            Assert.That(ours.Text, Does.Contain("/d").Or.Contain("pattern").Or.Contain("/dev").Or.Contain("/proc"), $"{input.Name}: the error names the input");
            return;
        }

        var right = input.Right is null ? spark : InputOutcome.OfLines(input.Right).Text;
        Assert.That(ours.Text, Is.EqualTo(right), input.Name);
    }

    private static InputOutcome Read(SparkContext sc, InputCase input)
    {
        using var directory = new TemporaryDirectory();
        input.Make(directory);
        try
        {
            return InputOutcome.OfLines(sc.TextFile(input.PathIn(directory), 3).Collect());
        }
        catch (SparkException e)
        {
            return InputOutcome.OfError((e.InnerException as SparkException ?? e).Message, directory.Path);
        }
    }

    private static async Task<IReadOnlyList<InputOutcome>> AskSparkAsync(string spark)
    {
        var directories = InputCases.All.Select(static _ => new TemporaryDirectory()).ToArray();
        try
        {
            foreach (var (input, directory) in InputCases.All.Zip(directories)) input.Make(directory);
            var paths = InputCases.All.Zip(directories, static (input, directory) => Encode(input.PathIn(directory))).ToArray();
            var answers = new List<string>();
            while (answers.Count < paths.Length) answers.AddRange(await RunSparkAsync(spark, NextRun(paths, answers.Count)));

            return [.. answers.Zip(directories, (line, directory) => InputOutcome.OfSpark(line, directory.Path))];
        }
        finally
        {
            foreach (var directory in directories) directory.Dispose();
        }
    }

    // Spark runs out of memory on LZ4 frames, which ends its process, so each such file gets a process of its own.
    private static string[] NextRun(string[] paths, int next)
    {
        var end = next;
        while (end < paths.Length && !InputCases.All[end].Path.EndsWith(".lz4", StringComparison.Ordinal)) end++;
        return paths[next..Math.Max(end, next + 1)];
    }

    private static async Task<string[]> RunSparkAsync(string spark, string[] paths)
    {
        using var files = new TemporaryDirectory();
        await File.WriteAllLinesAsync(files.File("paths"), paths);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(spark, "run"),
            ["class", GuideText.PathOf("Sparkish.Tests/Input/SparkInputs.java"), files.File("paths"), files.File("answers")])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            Environment = { ["HEAP"] = "1g", ["LC_ALL"] = "C.UTF-8" },
        })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        if (paths.Length == 1 && process.ExitCode != 0)
            return [$"error\t{Encode($"Spark's process ends with status {process.ExitCode}")}"];
        Assert.That(process.ExitCode, Is.Zero, errors);
        return await File.ReadAllLinesAsync(files.File("answers"));
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Dictionary<string, string> RecordedSpark() => GuideText.Generated(GuideText.Read(Page), "inputs").Split('\n')
        .Select(static line => line.Split(" | ")).Where(static cells => cells.Length == 4)
        .ToDictionary(static cells => cells[0][2..], static cells => cells[2], StringComparer.Ordinal);

    private static void Record(IEnumerable<(InputCase Input, string Spark, string Ours)> rows) =>
        File.WriteAllText(GuideText.PathOf(Page), GuideText.WithGenerated(GuideText.Read(Page), "inputs", Table(rows)));

    private static string Table(IEnumerable<(InputCase Input, string Spark, string Ours)> rows) =>
        Header + string.Concat(rows.Select(static row =>
            $"| {row.Input.Name} | `{row.Input.Path.Replace("@", "/d", StringComparison.Ordinal)}` | {row.Spark} | {row.Ours} |\n"));
}
