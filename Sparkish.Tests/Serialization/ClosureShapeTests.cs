using Sparkish.Tests.Docs;

namespace Sparkish.Tests.Serialization;

/// <summary>
/// Functions of all shapes that C# compiles, sent to another process by optimized and by debug builds. What each captures and drops stands in
/// ClosureShapes.approved.txt and, shorter, in docs/closures.md: update both with SPARKISH_APPROVE=1, then run the tests again.
/// </summary>
[TestFixture(ClosureProgram.Optimized)]
[TestFixture(ClosureProgram.Debug)]
internal sealed class ClosureShapeTests(string build)
{
    private const string Approved = "Sparkish.Tests/Serialization/ClosureShapes.approved.txt";
    private const string Guide = "docs/closures.md";

    private static IEnumerable<string> ApprovedLines => File.ReadAllLines(GuideText.PathOf(Approved));

    private static IEnumerable<string> Names => ApprovedLines.Select(line => line.Split(" | ")[0]);

    [TestCaseSource(nameof(Names))]
    public async Task A_function_does_the_same_in_another_process(string name)
    {
        var shape = (await ClosureProgram.SendAsync(build)).Single(shape => shape.Name == name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shape.Actual, Is.EqualTo(shape.Expected));
            Assert.That(shape.Here, Is.EqualTo(shape.Expected), "where it was made");
            Assert.That(shape.Bytes, Is.GreaterThan(0).And.LessThanOrEqualTo(1024));
        }
    }

    [Test]
    public async Task What_functions_capture_and_what_is_dropped_is_approved()
    {
        var shapes = await ClosureProgram.SendAsync(build);
        if (GuideText.IsApproving) await File.WriteAllLinesAsync(GuideText.PathOf(Approved), shapes.Select(shape => shape.Line));

        var lines = shapes.Select(shape => shape.Line).ToArray();

        Assert.That(lines, Is.EqualTo(ApprovedLines), "Run this test with SPARKISH_APPROVE=1.");
        Assert.That(lines, Has.Length.GreaterThan(200));
    }

    [Test]
    public async Task The_guide_has_the_table_of_shapes()
    {
        var table = "| Function | Captured | Dropped |\n|---|---|---|\n" + string.Concat((await ClosureProgram.SendAsync(build)).Select(Row));
        if (GuideText.IsApproving) await File.WriteAllTextAsync(GuideText.PathOf(Guide), GuideText.WithGenerated(GuideText.Read(Guide), "shapes", table));

        Assert.That(GuideText.Generated(GuideText.Read(Guide), "shapes"), Is.EqualTo(table), "Run this test with SPARKISH_APPROVE=1.");
    }

    [Test]
    public async Task Cleaning_leaves_the_users_objects_alone_and_what_is_clean_as_it_is()
    {
        var lines = await ClosureProgram.RunAsync(build, "check");

        Assert.That(lines, Is.EqualTo(new[] { $"checked {Names.Count()} shapes" }));
    }

    private static string Row(ShapeOutcome shape)
    {
        const int Most = 3;
        var captured = string.Join("<br>", shape.Captured.Select(variable => $"`{variable}`"));
        if (shape.Whole is not null) captured += $"<br>whole, since {shape.Whole}";
        var names = shape.Dropped.Select(variable => $"`{variable[..variable.IndexOf(':', StringComparison.Ordinal)]}`").ToArray();
        var dropped = string.Join(", ", names.Take(Most)) + (names.Length > Most ? $" and {names.Length - Most} more" : "");
        return $"| {shape.Name} | {captured} | {dropped} |\n";
    }
}
