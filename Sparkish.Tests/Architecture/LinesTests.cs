using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>
/// Lines are as long as <c>.editorconfig</c> says at most. Text is not cut: what stands between quotation marks, or in a raw string, does not count.
/// </summary>
internal sealed class LinesTests
{
    private const string Setting = "max_line_length = ";

    [Test]
    public void No_line_of_code_is_longer_than_the_limit()
    {
        var root = RepositoryRoot.Find();
        var limit = LimitOf(File.ReadAllLines(Path.Combine(root, ".editorconfig")));

        var tooLong = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .SelectMany(file => TooLong(File.ReadAllLines(file), limit).Select(line => $"{Path.GetRelativePath(root, file)}:{line}"));

        Assert.That(tooLong, Is.Empty, $"Lines of more than {limit} characters.");
    }

    [Test]
    public void Text_does_not_count()
    {
        string[] lines = ["123456789", "12(\"45678901\");", "// 67890123", "    var a = \"\"\"", "    12345678901234567890", "    \"\"\";", "1234567890"];

        Assert.That(TooLong(lines, limit: 9), Is.EqualTo(new[] { 3, 7 }));
    }

    private static int LimitOf(string[] settings) =>
        int.Parse(settings.Single(line => line.StartsWith(Setting, StringComparison.Ordinal))[Setting.Length..], CultureInfo.InvariantCulture);

    private static IEnumerable<int> TooLong(string[] lines, int limit)
    {
        var isRaw = false;
        foreach (var (index, line) in lines.Index())
        {
            var wasRaw = isRaw;
            if (line.Split("\"\"\"").Length % 2 == 0) isRaw = !isRaw;
            if (line.Length > limit && !wasRaw && !isRaw && LengthWithoutText(line) > limit) yield return index + 1;
        }
    }

    private static int LengthWithoutText(string line)
    {
        var (first, last) = (line.IndexOf('"', StringComparison.Ordinal), line.LastIndexOf('"'));
        return line.Length - (last - first);
    }
}
