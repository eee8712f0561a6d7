#pragma warning disable MA0048 // the code of one page
namespace Sparkish.Tests.Docs;

// <snippet stable-hash>
public sealed class UserName(string text) : IStableHashCode
{
    private readonly string _text = text;

    public override bool Equals(object? obj) => obj is UserName other && string.Equals(_text, other._text, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(_text);

    public int GetStableHashCode() => StableHash.Of(_text.ToUpperInvariant()); // string.GetHashCode differs between processes
}
// </snippet>

/// <summary>The code of docs/keys.md.</summary>
internal sealed class KeysGuideTests
{
    [Test]
    public void A_type_with_a_stable_hash_of_its_own_is_a_key()
    {
        using var sc = LocalContext.Start();

        var counts = sc.Parallelize(["Ada", "ADA", "Bob"], 3)
            .Map(static name => (Key: new UserName(name), 1)).ReduceByKey(static (a, b) => a + b).Values().Collect();

        Assert.That(counts, Is.EquivalentTo(new[] { 2, 1 }));
    }

    [Test]
    public void The_page_shows_the_code_that_runs_here()
    {
        var snippets = GuideText.Snippets("KeysGuide");

        var blocks = GuideText.CodeBlocks(GuideText.Read("docs/keys.md"));

        Assert.That(blocks.Select(static block => (block.Name, Code: block.Code)), Is.EqualTo(snippets.Select(static snippet => (snippet.Key, snippet.Value))));
    }
}
