using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>Phrases that read like a word-for-word translation and must not return: in code, its comments, and the pages.</summary>
internal sealed partial class PhrasesTests
{
    private static readonly string[] Packages =
    [
        "Sparkish.Core", "Sparkish.Scheduler", "Sparkish.Deploy", "Sparkish.Deploy.Hosting", "Sparkish.Cli", "Sparkish.Hosting", "Sparkish.Rest",
        "Sparkish.TestKit", "Sparkish.TestKit.NUnit",
    ];

    [Test]
    public void No_phrase_that_was_removed_comes_back()
    {
        var root = RepositoryRoot.Find();
        var found = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".fs" or ".vb" or ".md" && !file.EndsWith(nameof(PhrasesTests) + ".cs", StringComparison.Ordinal))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "artifacts"))
            .SelectMany(file => File.ReadLines(file).Index().Where(line => Phrases().IsMatch(line.Item))
                .Select(line => $"{Path.GetRelativePath(root, file)}:{line.Index + 1}: {line.Item.Trim()}"));

        Assert.That(found, Is.Empty, "Rewrite these: subject first, the field's term.");
    }

    [Test]
    public void Summaries_of_the_packages_begin_with_a_noun_or_a_verb()
    {
        var root = RepositoryRoot.Find();
        var found = Packages
            .SelectMany(package => Directory.EnumerateFiles(Path.Combine(root, package), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .SelectMany(file => Questions().Matches(File.ReadAllText(file)).Select(match => $"{Path.GetRelativePath(root, file)}: {match.Value}"));

        Assert.That(found, Is.Empty, "Name the thing, or say what the member does: 'Handles a message', 'The address of the peer'.");
    }

    [TestCase("/// <summary>Who asked.</summary>", true)]
    [TestCase("/// <summary>\n    /// What a worker offers.\n    /// </summary>", true)]
    [TestCase("/// <summary>Whether the node listens.</summary>", false)]
    [TestCase("/// <summary>The items of a list.</summary>", false)]
    public void A_summary_that_begins_with_a_question_word_is_found(string text, bool isFound) =>
        Assert.That(Questions().IsMatch(text), Is.EqualTo(isFound));

    [TestCase("After how many tries a worker gives up to register.")]
    [TestCase("{tag} marks no object.")]
    [TestCase("The input makes no {T}")]
    [TestCase("The name is none.")]
    [TestCase("Whoever has neither can have no message read.")]
    [TestCase("lest it sends all it knows for nothing")]
    [TestCase("each graph asks anew")]
    [TestCase("'5x' is no unit of time.")]
    [TestCase("it would wait for ever")]
    [TestCase("The queue of an endpoint. Safe for all threads.")]
    [TestCase("(3 more were refused since the last such line)")]
    [TestCase("the journal takes nothing more until it is opened again")]
    public void Such_a_phrase_is_found(string line) => Assert.That(Phrases().IsMatch(line), Is.True);

    [TestCase("There is nothing to do when no member is left.")]
    [TestCase("It makes no connections itself.")]
    [TestCase("The cache is safe for all threads and processes.")]
    [TestCase("There is no state of a stopped endpoint.")]
    [TestCase("The peer's certificate; null if there is none.")]
    public void Plain_English_is_not(string line) => Assert.That(Phrases().IsMatch(line), Is.False);

    [GeneratedRegex(@"<summary>\s*(///\s*)?(It|What|Who|Whom|Whose|Whoever|How)\b.*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Questions();

    [GeneratedRegex(
        """
        (?<!\bthere\ )\b(is|are)\ (?-i:none)\b(?!\ of) | \bit\ did\ not\.(?!\w) | \bwhoever\b | \bwho\ (may|opened)\b | \bmarks\ no\b | makes\ no\ \{ | \blest\b
        | \bto\ and\ fro\b | \bof\ one\ mind\b | \banew\b | \bgives?\ up\ to\b | \bis\ told\ so\b | \btold\ which\ of\ them\b | \bfor\ nothing\b
        | \bstands?\ together\b | \btells\ too\ much\b | \blacks\ what\b | \bdid\ not\ take\ that\b | \bis\ no\ status\b | \bcould\ not\ be\ noted\b
        | (?<!\bthere\ )\bis\ no\ (unit|incarnation|surrogate|culture|graph|rank|name|path|kind|event|state|argument)\ of\b | \bfor\ ever\b
        | \bsafe\ for\ (all|any)\ threads?\. | \blast\ such\ line\b | \btakes\ nothing\ more\b | \bcannot\ be\ told\ to\b | \bsuch\ a\ one\b
        | \bcould\ not\ be\ asked\ for\b | \btaken\ for\ dead\b | \b(goes|go)\ as\ its\ name\b | \bnobody\ knows\ where\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Phrases();
}
