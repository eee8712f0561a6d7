using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>A folder holds one subject: few files, in the namespace of the folder, except for what an app needs every day.</summary>
internal sealed partial class FoldersTests
{
    private const int MostFiles = 30;

    // The folder Sparkish.Core is the namespace Sparkish, and so on below it.
    private const string Root = "Sparkish.Core";

    // Of the namespace Sparkish, since each app names it, but of a folder by its subject.
    private static readonly string[] Everyday = [Path.Combine("Configuration", "SparkConf.cs")];

    [Test]
    public void The_namespace_of_a_file_is_its_folder()
    {
        var strays = Files("").Except(Everyday, StringComparer.Ordinal)
            .Where(file => !string.Equals(NamespaceOf(file), ExpectedFor(file), StringComparison.Ordinal)).ToArray();

        Assert.That(strays, Is.Empty);
    }

    [Test]
    public void A_folder_of_the_serializer_holds_few_files()
    {
        var files = Files("Serialization").GroupBy(Path.GetDirectoryName).ToArray();

        Assert.That(files, Has.Length.GreaterThan(5));
        Assert.That(files.Where(folder => folder.Count() > MostFiles).Select(folder => folder.Key), Is.Empty);
    }

    private static IEnumerable<string> Files(string folder)
    {
        var root = Path.Combine(RepositoryRoot.Find(), Root);
        return Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(file => file.Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"));
    }

    private static string ExpectedFor(string file) => string.Join('.', ["Sparkish", .. file.Split(Path.DirectorySeparatorChar)[..^1]]);

    private static string NamespaceOf(string file) =>
        Namespace().Match(File.ReadAllText(Path.Combine(RepositoryRoot.Find(), Root, file))).Groups["name"].Value;

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Namespace();
}
