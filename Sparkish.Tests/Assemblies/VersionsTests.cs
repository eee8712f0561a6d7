using System.Text.Json;
using Microsoft.CodeAnalysis;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Assemblies;

/// <summary>Two applications that need different versions of one library, at the same time on one worker.</summary>
internal sealed class VersionsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private const string App = """
        using System;
        using System.Linq;
        using Sparkish;

        using var sc = new SparkContext(new SparkConf().SetMaster(args[0]).SetAppName("versions").Set("spark.cores.max", "1"));
        do
        {
            var seen = sc.Parallelize(Enumerable.Range(0, 1), 1).Map(n => Library.Version(n)).Collect()[0];
            Console.WriteLine("library " + seen);
        }
        while (Console.ReadLine() is not null);
        """;

    [Test, Long]
    public async Task Each_application_runs_with_its_own_version()
    {
        using var directory = new TemporaryDirectory();
        var (oldApp, newApp) = (Build(directory.File("old"), 1), Build(directory.File("new"), 2));
        await using var cluster = await BareCluster.StartAsync(cores: 2);

        await using var first = Start(oldApp, cluster);
        await first.WaitForLineAsync(line => line == "library 1", Limit);
        await using var second = Start(newApp, cluster);
        await second.WaitForLineAsync(line => line == "library 2", Limit);
        await first.WriteLineAsync("again");
        first.EndInput();
        second.EndInput();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await first.WaitForExitAsync(Limit), Is.Zero, first.Transcript);
            Assert.That(await second.WaitForExitAsync(Limit), Is.Zero, second.Transcript);
            Assert.That(first.Output, Is.EqualTo(new[] { "library 1", "library 1" }), "the second application changed nothing for it");
            Assert.That(cluster.CachedFiles.Count(file => file == "Versioned.dll"), Is.EqualTo(2));
        }
    }

    private static TestProcess Start(string app, BareCluster cluster) => TestProcess.Start("dotnet", ["exec", app, cluster.Url]);

    /// <summary>An application's folder as a build leaves it, but without a list of dependencies.</summary>
    private static string Build(string directory, int version)
    {
        var library = TestAssembly.Compile(directory, "Versioned",
            $$"""
            [assembly: System.Reflection.AssemblyVersion("{{version}}.0.0.0")]
            public static class Library
            {
                public static int Version(int n) => n + {{version}};
            }
            """);
        var app = TestAssembly.Compile(directory, $"app{version}", App, OutputKind.ConsoleApplication, library);
        SparkishFiles.CopyTo(directory);
        var framework = new { name = "Microsoft.NETCore.App", version = "10.0.0" };
        File.WriteAllText(Path.ChangeExtension(app, ".runtimeconfig.json"),
            JsonSerializer.Serialize(
                new
                {
                    runtimeOptions = new
                    {
                        tfm = "net10.0",
                        framework,
                        configProperties = new Dictionary<string, bool>(StringComparer.Ordinal) { ["System.Globalization.Invariant"] = true }
                    }
                }));
        return app;
    }
}
