using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Recovery;
using Sparkish.Membership;
using Sparkish.Persistence;
using Sparkish.Rpc.Local;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Docs;

/// <summary>
/// That the guides tell the truth: their code is compiled and run, their keys are the declared ones, their proofs exist. Update them with SPARKISH_APPROVE=1.
/// </summary>
[TestFixture("docs/rpc.md", "RpcGuide", "spark.rpc. spark.network.")]
[TestFixture("docs/serialization.md", "SerializationGuide", "spark.serializer")]
[TestFixture("docs/membership.md", "MembershipGuide", "spark.membership.")]
[TestFixture("docs/persistence.md", "PersistenceGuide", "spark.deploy.recovery spark.deploy.postgresql. spark.deploy.zookeeper. spark.deploy.akka. spark.journal.")]
[TestFixture("docs/deploy.md", "DeployGuide", "spark.cores. spark.deploy.client. spark.deploy.defaultCores spark.deploy.maxExecutorRetries spark.deploy.shutdownTimeout "
    + "spark.deploy.uploads. spark.master.rest. spark.org.apache.spark.ui. spark.driver.memory spark.driver.cores spark.driver.supervise spark.submit. "
    + "spark.deploy.spreadOutApps spark.executor. spark.standalone. spark.starvation. spark.worker. spark.dead.")]
internal sealed partial class GuideTests(string guide, string tests, string keys)
{
    [Test]
    public void Each_code_block_is_code_of_a_test_and_none_is_left_out()
    {
        var snippets = GuideText.Snippets(tests);
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(guide), GuideText.WithSnippets(GuideText.Read(guide), snippets));

        var blocks = GuideText.CodeBlocks(GuideText.Read(guide));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(blocks.Select(block => block.Name), Is.EquivalentTo(snippets.Keys));
            foreach (var (name, code) in blocks)
                Assert.That(code, Is.EqualTo(snippets.GetValueOrDefault(name)), $"Snippet '{name}': run this test with SPARKISH_APPROVE=1.");
        }
    }

    [Test]
    public void The_table_of_keys_is_what_the_keys_declare()
    {
        var expected = KeyTable();
        if (GuideText.IsApproving) File.WriteAllText(GuideText.PathOf(guide), GuideText.WithGenerated(GuideText.Read(guide), "keys", expected));

        var actual = GuideText.Generated(GuideText.Read(guide), "keys");

        Assert.That(actual, Is.EqualTo(expected), "Run this test with SPARKISH_APPROVE=1.");
    }

    [Test]
    public void Each_test_that_it_names_as_a_proof_is_one()
    {
        var root = Path.GetDirectoryName(GuideText.PathOf("Sparkish.sln"))!;
        var known = Directory.EnumerateDirectories(root, "Sparkish.Test*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .SelectMany(file => TestInCode().Matches(File.ReadAllText(file)).Cast<Match>())
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

        var named = ProofInPage().Matches(GuideText.Read(guide)).Cast<Match>().Select(match => match.Groups["name"].Value).ToArray();

        Assert.That(named, Has.Length.GreaterThan(10));
        Assert.That(named.Where(name => !known.Contains(name)), Is.Empty, "The guide names tests that are not there.");
    }

    [Test]
    public void Each_link_leads_to_a_file()
    {
        var directory = Path.GetDirectoryName(GuideText.PathOf(guide))!;

        var links = LinkInPage().Matches(GuideText.Read(guide)).Cast<Match>().Select(match => match.Groups["target"].Value).ToArray();

        Assert.That(links, Is.Not.Empty);
        Assert.That(links.Where(link => !File.Exists(Path.Combine(directory, link))), Is.Empty);
    }

    private string KeyTable()
    {
        var table = new StringBuilder("| Key | Default | Meaning |\n|---|---|---|\n");
        foreach (var (key, value, doc) in Keys())
            table.Append("| `").Append(key).Append("` | ").Append(value).Append(" | ").Append(doc.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        return table.ToString();
    }

    /// <summary>The declared keys of the guide's subject, in the order of their names.</summary>
    private IEnumerable<(string Key, string Value, string Doc)> Keys() =>
        new[]
        {
            typeof(CoreKeys), typeof(SecurityKeys), typeof(SerializationKeys), typeof(MembershipKeys), typeof(PersistenceKeys), typeof(RecoveryKeys),
            typeof(DeployKeys), typeof(RestKeys), typeof(SchedulerKeys),
        }
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => field.GetValue(null))
        .Select(entry => entry switch
        {
            ConfigEntry<TimeSpan> e => (e.Key, AskTimeout.Format(e.Default), e.Doc),
            ConfigEntry<long> e => (e.Key, $"{e.Default >> 20}m", e.Doc),
            ConfigEntry<int> e => (e.Key, e.Default == int.MaxValue ? "(no limit)" : $"{e.Default}", e.Doc),
            ConfigEntry<bool> e => (e.Key, e.Default ? "true" : "false", e.Doc),
            ConfigEntry<string> e => (e.Key, e.Default.Length == 0 ? "(none)" : e.Default, e.Doc),
            _ => ("", "", ""),
        })
        .Where(key => keys.Split(' ').Any(prefix => key.Item1.StartsWith(prefix, StringComparison.Ordinal)))
        .OrderBy(key => key.Item1, StringComparer.Ordinal);

    [GeneratedRegex(@"public (async )?(static )?(void|Task|(FsCheck\.)?Property|bool) (?<name>[A-Z]\w*)\(",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TestInCode();

    // A proof is a name in code marks that reads as a sentence.
    [GeneratedRegex(@"`([A-Z]\w*\.)?(?<name>[A-Z][A-Za-z]*(_\w+){2,})`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ProofInPage();

    [GeneratedRegex(@"\]\((?<target>[\w./-]+)(#[\w-]+)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LinkInPage();
}
