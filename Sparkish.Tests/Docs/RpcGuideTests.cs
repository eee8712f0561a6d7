using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Docs;

/// <summary>
/// What docs/rpc.md and the README have besides what <see cref="GuideTests"/> checks: the guarantees of the conformance suite, and the first endpoint.
/// </summary>
internal sealed partial class RpcGuideTests
{
    private const string Guide = "docs/rpc.md";

    [Test]
    public void The_readme_shows_the_same_first_endpoint()
    {
        var snippets = GuideText.Snippets("RpcGuide");
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf("README.md"), GuideText.WithSnippets(GuideText.Read("README.md"), snippets));

        var blocks = GuideText.CodeBlocks(GuideText.Read("README.md")).Where(block => block.Name.Length > 0).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(blocks.Select(block => block.Name), Is.EqualTo(new[] { "hello", "hello-run" }));
            foreach (var (name, code) in blocks) Assert.That(code, Is.EqualTo(snippets[name]), "Run this test with SPARKISH_APPROVE=1.");
        }
    }

    [Test]
    public void The_table_of_the_suite_has_each_of_its_guarantees()
    {
        var expected = SuiteTable();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(Guide), GuideText.WithGenerated(GuideText.Read(Guide), "suite", expected));

        var actual = GuideText.Generated(GuideText.Read(Guide), "suite");

        Assert.That(actual, Is.EqualTo(expected), "Run this test with SPARKISH_APPROVE=1.");
    }

    /// <summary>The tests of the conformance suite, whose names are sentences, by the part of the contract that they belong to.</summary>
    private static string SuiteTable()
    {
        var table = new StringBuilder("| Part | Guarantee | Test of `RpcEnvConformance` |\n|---|---|---|\n");
        var suite = Path.Combine(Path.GetDirectoryName(GuideText.PathOf("Sparkish.sln"))!, "Sparkish.TestKit.NUnit", "Conformance");
        foreach (var file in Directory.EnumerateFiles(suite, "RpcEnvConformance.*.cs").Order(StringComparer.Ordinal))
        {
            var part = Path.GetFileNameWithoutExtension(file).Split('.')[1];
            foreach (var name in TestInCode().Matches(File.ReadAllText(file)).Cast<Match>().Select(match => match.Groups["name"].Value))
                table.Append("| ").Append(part).Append(" | ").Append(name.Replace('_', ' ')).Append(" | `").Append(name).Append("` |\n");
        }

        return table.ToString();
    }

    [GeneratedRegex(@"public (async )?(void|Task|Property) (?<name>[A-Z]\w*)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TestInCode();
}
