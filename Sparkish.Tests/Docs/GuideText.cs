using System.Text;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Docs;

/// <summary>
/// Pages and the code in them. A code block below <c>&lt;!-- snippet NAME --&gt;</c> is what stands between <c>// &lt;snippet NAME&gt;</c> and
/// <c>// &lt;/snippet&gt;</c> in a test of this folder; what is below <c>&lt;!-- generated NAME --&gt;</c>, up to the next empty line, a test makes.
/// </summary>
internal static partial class GuideText
{
    public static string PathOf(string page) => Path.Combine(RepositoryRoot.Find(), page);

    public static string Read(string page) => File.ReadAllText(PathOf(page));

    /// <summary>Whether pages are rewritten instead of compared: <c>SPARKISH_APPROVE=1</c>.</summary>
    public static bool IsApproving => string.Equals(Environment.GetEnvironmentVariable("SPARKISH_APPROVE"), "1", StringComparison.Ordinal);

    /// <summary>The snippets of a page by their names: those of the tests whose files begin with its name.</summary>
    public static IReadOnlyDictionary<string, string> Snippets(string guide) => SnippetsIn("Sparkish.Tests/Docs", $"{guide}*.cs");

    /// <summary>The snippets of the files of a folder by their names.</summary>
    public static IReadOnlyDictionary<string, string> SnippetsIn(string folder, string files)
    {
        var snippets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(PathOf(folder), files))
        {
            foreach (var match in SnippetInCode().Matches(File.ReadAllText(file)).Cast<Match>())
                snippets.Add(match.Groups["name"].Value, WithoutIndent(match.Groups["code"].Value));
        }

        return snippets;
    }

    /// <summary>The code blocks of a page, with the names that stand above them; a block without one has an empty name.</summary>
    public static IReadOnlyList<(string Name, string Code)> CodeBlocks(string text) =>
        [.. SnippetInPage().Matches(text).Cast<Match>().Select(match => (match.Groups["name"].Value, match.Groups["code"].Value))];

    /// <summary>A page with each named code block replaced by its snippet.</summary>
    public static string WithSnippets(string text, IReadOnlyDictionary<string, string> snippets) => SnippetInPage().Replace(text, match =>
        match.Groups["name"].Value is { Length: > 0 } name && snippets.TryGetValue(name, out var code)
            ? $"<!-- snippet {name} -->\n```csharp\n{code}```\n"
            : match.Value);

    /// <summary>The generated part of a page.</summary>
    public static string Generated(string text, string name) => GeneratedPart(text, name).Groups["body"].Value;

    /// <summary>A page with a generated part replaced.</summary>
    public static string WithGenerated(string text, string name, string body)
    {
        var part = GeneratedPart(text, name).Groups["body"];
        return text[..part.Index] + body + text[(part.Index + part.Length)..];
    }

    private static Match GeneratedPart(string text, string name) =>
        Regex.Match(text, $@"<!-- generated {name} -->\n(?<body>(?:[^\n]+\n)*)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));

    private static string WithoutIndent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        var text = new StringBuilder();
        foreach (var line in lines) text.Append(line.Length > indent ? line[indent..].TrimEnd() : "").Append('\n');
        return text.ToString();
    }

    [GeneratedRegex(@"^ *// <snippet (?<name>[\w-]+)>\n(?<code>.*?)^ *// </snippet>$",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SnippetInCode();

    [GeneratedRegex(@"(<!-- snippet (?<name>[\w-]+) -->\n)?```csharp\n(?<code>.*?)```\n",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SnippetInPage();
}
