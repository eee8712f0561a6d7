using System.Text.RegularExpressions;

namespace Sparkish.Tests.Docs;

/// <summary>That the page on cluster managers shows the one of the tests. Update it with SPARKISH_APPROVE=1.</summary>
internal sealed partial class ClusterManagersPageTests
{
    private const string Page = "docs/cluster-managers.md";

    [Test]
    public void Its_code_is_that_of_the_manager_from_outside()
    {
        var snippets = GuideText.SnippetsIn("Sparkish.Tests.ClusterManager", "*.cs");
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(Page), GuideText.WithSnippets(GuideText.Read(Page), snippets));

        var blocks = GuideText.CodeBlocks(GuideText.Read(Page));

        Assert.That(blocks, Is.EquivalentTo(snippets.Select(static snippet => (snippet.Key, snippet.Value))));
    }

    [Test]
    public void Each_test_that_it_names_is_one()
    {
        var tests = File.ReadAllText(GuideText.PathOf("Sparkish.Tests/Backend/OutsideClusterManagerTests.cs"));

        var named = ProofInPage().Matches(GuideText.Read(Page)).Select(static match => match.Groups["name"].Value).ToList();

        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(name => !tests.Contains($" {name}(", StringComparison.Ordinal)), Is.Empty);
    }

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z]*(_\w+){2,})`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProofInPage();
}
