using System.Text.RegularExpressions;

namespace Sparkish.Tests.Docs;

/// <summary>That the page of Spark's tests names tests that exist, or a reason.</summary>
internal sealed partial class ConformanceTests
{
    private static readonly string[] Suites =
    [
        "MasterSuite", "RecoverySuite", "WorkerSuite", "PersistenceEngineSuite", "ClientSuite", "AppClientSuite", "StandaloneDynamicAllocationSuite",
        "StandaloneRestSubmitSuite", "DecommissionWorkerSuite", "ExecutorRunnerTest", "DriverRunnerTest", "SparkSubmitSuite",
    ];

    [Test]
    public void Each_test_that_the_page_names_is_one()
    {
        var root = Path.GetDirectoryName(GuideText.PathOf("Sparkish.sln"))!;
        var known = Directory.EnumerateFiles(Path.Combine(root, "Sparkish.Tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => TestInCode().Matches(File.ReadAllText(file)).Cast<Match>())
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

        var named = Rows().SelectMany(row => NameInPage().Matches(row[^1]).Cast<Match>()).Select(match => match.Groups["name"].Value).ToList();

        Assert.That(named, Has.Count.GreaterThan(50));
        Assert.That(named.Where(name => !known.Contains(name)), Is.Empty);
    }

    [Test]
    public void Each_row_has_a_test_or_a_reason() =>
        Assert.That(Rows().Where(row => !NameInPage().IsMatch(row[^1]) && !Reason().IsMatch(row[^1])).Select(row => string.Join(" | ", row)), Is.Empty);

    [Test]
    public void Each_suite_has_rows() => Assert.That(Rows().Where(row => row.Length == 3).Select(row => row[0]).Distinct(), Is.EquivalentTo(Suites));

    private static IEnumerable<string[]> Rows() => GuideText.Read("docs/conformance.md").Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | "))
        .Where(row => row[0] is not ("Suite" or "Bug" or "Message"));

    [GeneratedRegex(@"^(Differs|Does not apply|Open): ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reason();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameInPage();

    [GeneratedRegex(@"public\s+(async\s+)?[\w<>.]+\s+(?<name>[A-Z]\w*)\s*\(", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestInCode();
}
