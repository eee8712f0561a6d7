using Sparkish.Tests.Docs;

namespace Sparkish.Tests.Serialization;

/// <summary>
/// What cannot be captured is refused by the call that takes the function, with the words that stand in docs/closures.md: update it with SPARKISH_APPROVE=1.
/// </summary>
internal sealed class ClosureRefusalTests
{
    private const string Guide = "docs/closures.md";

    [Test]
    public async Task What_cannot_be_sent_is_refused_by_the_call_with_the_words_of_the_guide()
    {
        await using var sc = LocalContext.Start();
        var table = "| Captured | The call throws |\n|---|---|\n" + string.Concat(RefusedCaptures.Of(sc).Select(Row));
        if (GuideText.IsApproving) await File.WriteAllTextAsync(GuideText.PathOf(Guide), GuideText.WithGenerated(GuideText.Read(Guide), "refused", table));

        var approved = GuideText.Generated(GuideText.Read(Guide), "refused");

        Assert.That(table, Is.EqualTo(approved), "Run this test with SPARKISH_APPROVE=1.");
        Assert.That(table.Split('\n'), Has.Length.GreaterThan(30));
    }

    private static string Row((string Name, Action Call) capture)
    {
        var error = Assert.Catch<SerializationException>(() => capture.Call(), capture.Name);
        return $"| {capture.Name} | {error!.Message.Replace("|", "\\|", StringComparison.Ordinal)} |\n";
    }
}
