using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>Phrases that read like a word-for-word translation and must not return: in code, its comments, and the pages.</summary>
internal sealed partial class PhrasesTests
{
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

    [TestCase("After how many tries a worker gives up to register.")]
    [TestCase("{tag} marks no object.")]
    [TestCase("The input makes no {T}")]
    [TestCase("The name is none.")]
    [TestCase("Whoever has neither can have no message read.")]
    [TestCase("lest it sends all it knows for nothing")]
    [TestCase("each graph asks anew")]
    public void Such_a_phrase_is_found(string line) => Assert.That(Phrases().IsMatch(line), Is.True);

    [TestCase("There is nothing to do when no member is left.")]
    [TestCase("It makes no connections itself.")]
    public void Plain_English_is_not(string line) => Assert.That(Phrases().IsMatch(line), Is.False);

    [GeneratedRegex(
        """
        \b(is|are)\ (?-i:none)\b(?!\ of) | \bit\ did\ not\.(?!\w) | \bwhoever\b | \bwho\ (may|opened)\b | \bmarks\ no\b | makes\ no\ \{ | \blest\b
        | \bto\ and\ fro\b | \bof\ one\ mind\b | \banew\b | \bgives?\ up\ to\b | \bis\ told\ so\b | \btold\ which\ of\ them\b | \bfor\ nothing\b
        | \bstands?\ together\b | \btells\ too\ much\b | \blacks\ what\b | \bdid\ not\ take\ that\b | \bis\ no\ status\b | \bcould\ not\ be\ noted\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Phrases();
}
