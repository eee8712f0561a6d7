using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Packaging;

/// <summary>A user's app outside the repository: a new console project that references the packages and runs the word count of the README.</summary>
internal sealed partial class PackagesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Expected = ["4 the", "2 cat", "2 dog", "1 and", "1 saw"];

    [Test, Long]
    public async Task The_word_count_of_the_README_runs_from_packages_on_every_kind_of_master()
    {
        using var directory = new TemporaryDirectory();
        var input = directory.Write("input.txt", "the cat saw\nthe dog and\n\nthe  cat\nthe dog\n");
        var app = await UserApp.BuildAsync(directory.Path, "wordcount", FilesOfReadme(), Limit);
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);

        foreach (var sparkMaster in new[] { "local[2]", "local-cluster[2,1,1024]", cluster.Url })
        {
            var output = await TestProcess.RunAsync("dotnet", ["exec", app, sparkMaster, input], Limit);
            Assert.That(output.Select(line => line.Trim()), Is.EqualTo(Expected), $"on {sparkMaster}");
        }
    }

    /// <summary>The three files that the README shows: the package source, the project and the program.</summary>
    private static Dictionary<string, string> FilesOfReadme()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "README.md"));
        var xml = Fences(readme, "xml");
        var program = Fences(readme, "csharp")[0];
        Assert.That(xml, Has.Length.EqualTo(2), "nuget.config and the project file");
        Assert.That(program.Trim().Split('\n'), Has.Length.LessThanOrEqualTo(10), "The README promises ten lines.");
        return new(StringComparer.Ordinal) { ["nuget.config"] = xml[0], ["wordcount.csproj"] = xml[1], ["Program.cs"] = program };
    }

    private static string[] Fences(string text, string language) =>
        [.. Fence().Matches(text).Where(fence => fence.Groups["language"].Value == language).Select(fence => fence.Groups["code"].Value)];

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}
