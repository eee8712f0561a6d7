using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Packaging;

/// <summary>A user's app outside the repository: a new console project that references the packages and runs the word count of the README.</summary>
internal sealed partial class PackagesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Expected = ["4 the", "2 cat", "2 dog", "1 and", "1 saw"];

    [Test]
    public async Task The_word_count_of_the_README_runs_from_packages_on_every_kind_of_master()
    {
        using var directory = new TemporaryDirectory();
        var input = directory.Write("input.txt", "the cat saw\nthe dog and\n\nthe  cat\nthe dog\n");
        var app = await UserApp.BuildAsync(directory.Path, WordCountOfReadme(), Limit);
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);

        foreach (var sparkMaster in new[] { "local[2]", "local-cluster[2,1,1024]", cluster.Url })
        {
            var output = await TestProcess.RunAsync("dotnet", ["exec", app, sparkMaster, input], Limit);
            Assert.That(output.Select(line => line.Trim()), Is.EqualTo(Expected), $"on {sparkMaster}");
        }
    }

    /// <summary>The first C# of the README.</summary>
    private static string WordCountOfReadme()
    {
        var code = CSharpFence().Match(File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "README.md"))).Groups["code"].Value;
        Assert.That(code.Trim().Split('\n'), Has.Length.LessThanOrEqualTo(10), "The README promises ten lines.");
        return code;
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CSharpFence();
}
