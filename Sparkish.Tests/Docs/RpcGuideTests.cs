using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Sparkish.Configuration;
using Sparkish.Rpc.Local;

namespace Sparkish.Tests.Docs;

/// <summary>That docs/rpc.md tells the truth: its code is compiled and run, its keys are the declared ones, its proofs exist. Update it with SPARKISH_APPROVE=1.</summary>
internal sealed partial class RpcGuideTests
{
    private const string Guide = "docs/rpc.md";

    [Test]
    public void Each_code_block_of_the_guide_is_code_of_a_test_and_none_is_left_out()
    {
        var snippets = GuideText.Snippets();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(Guide), GuideText.WithSnippets(GuideText.Read(Guide), snippets));

        var blocks = GuideText.CodeBlocks(GuideText.Read(Guide));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(blocks.Select(block => block.Name), Is.EquivalentTo(snippets.Keys));
            foreach (var (name, code) in blocks) Assert.That(code, Is.EqualTo(snippets.GetValueOrDefault(name)), $"Snippet '{name}': run this test with SPARKISH_APPROVE=1.");
        }
    }

    [Test]
    public void The_readme_shows_the_same_first_endpoint()
    {
        var snippets = GuideText.Snippets();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf("README.md"), GuideText.WithSnippets(GuideText.Read("README.md"), snippets));

        var blocks = GuideText.CodeBlocks(GuideText.Read("README.md")).Where(block => block.Name.Length > 0).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(blocks.Select(block => block.Name), Is.EqualTo(new[] { "hello", "hello-run" }));
            foreach (var (name, code) in blocks) Assert.That(code, Is.EqualTo(snippets[name]), "Run this test with SPARKISH_APPROVE=1.");
        }
    }

    [Test]
    public void The_table_of_keys_is_what_the_keys_declare()
    {
        var expected = KeyTable();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(Guide), GuideText.WithGenerated(GuideText.Read(Guide), "keys", expected));

        var actual = GuideText.Generated(GuideText.Read(Guide), "keys");

        Assert.That(actual, Is.EqualTo(expected), "Run this test with SPARKISH_APPROVE=1.");
    }

    [Test]
    public void The_table_of_the_suite_has_each_of_its_guarantees()
    {
        var expected = SuiteTable();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(Guide), GuideText.WithGenerated(GuideText.Read(Guide), "suite", expected));

        var actual = GuideText.Generated(GuideText.Read(Guide), "suite");

        Assert.That(actual, Is.EqualTo(expected), "Run this test with SPARKISH_APPROVE=1.");
    }

    [Test]
    public void Each_test_that_the_guide_names_as_a_proof_is_one()
    {
        var root = Path.GetDirectoryName(GuideText.PathOf("Sparkish.sln"))!;
        var tests = Directory.EnumerateDirectories(root, "Sparkish.Test*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => TestInCode().Matches(File.ReadAllText(file)).Cast<Match>())
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

        var named = ProofInPage().Matches(GuideText.Read(Guide)).Cast<Match>().Select(match => match.Groups["name"].Value).ToArray();

        Assert.That(named, Has.Length.GreaterThan(10));
        Assert.That(named.Where(name => !tests.Contains(name)), Is.Empty, "The guide names tests that are not there.");
    }

    [Test]
    public void Each_link_of_the_guide_leads_to_a_file()
    {
        var directory = Path.GetDirectoryName(GuideText.PathOf(Guide))!;

        var links = LinkInPage().Matches(GuideText.Read(Guide)).Cast<Match>().Select(match => match.Groups["target"].Value).ToArray();

        Assert.That(links, Is.Not.Empty);
        Assert.That(links.Where(link => !File.Exists(Path.Combine(directory, link))), Is.Empty);
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

    private static string KeyTable()
    {
        var table = new StringBuilder("| Key | Default | Meaning |\n|---|---|---|\n");
        foreach (var (key, value, doc) in Keys()) table.Append("| `").Append(key).Append("` | ").Append(value).Append(" | ").Append(doc.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        return table.ToString();
    }

    /// <summary>The declared keys of the framework's own, in the order of their names.</summary>
    private static IEnumerable<(string Key, string Value, string Doc)> Keys() => new[] { typeof(CoreKeys), typeof(SecurityKeys) }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => field.GetValue(null))
        .Select(entry => entry switch
        {
            ConfigEntry<TimeSpan> e => (e.Key, AskTimeout.Format(e.Default), e.Doc),
            ConfigEntry<long> e => (e.Key, $"{e.Default >> 20}m", e.Doc),
            ConfigEntry<int> e => (e.Key, $"{e.Default}", e.Doc),
            ConfigEntry<bool> e => (e.Key, e.Default ? "true" : "false", e.Doc),
            _ => ("", "", ""),
        })
        .Where(key => key.Item1.StartsWith("spark.rpc.", StringComparison.Ordinal) || key.Item1.StartsWith("spark.network.", StringComparison.Ordinal))
        .OrderBy(key => key.Item1, StringComparer.Ordinal);

    [GeneratedRegex(@"public (async )?(void|Task|Property) (?<name>[A-Z]\w*)\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TestInCode();

    // A proof is a name in code marks that reads as a sentence.
    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z]*(_\w+){2,})`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ProofInPage();

    [GeneratedRegex(@"\]\((?<target>[\w./-]+)(#[\w-]+)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LinkInPage();
}
