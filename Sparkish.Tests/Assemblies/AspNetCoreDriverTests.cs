using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Assemblies;

/// <summary>An application of ASP.NET Core on a cluster that runs on the .NET runtime alone.</summary>
internal sealed class AspNetCoreDriverTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private const string App = """
        using System;
        using System.Linq;
        using Microsoft.AspNetCore.Http;
        using Microsoft.Extensions.Primitives;
        using Sparkish;

        using var sc = new SparkContext(new SparkConf().SetMaster(args[0]).SetAppName("web").Set("spark.cores.max", "1"));
        var seen = sc.Parallelize(new[] { "/a/b" }, 1)
            .Map(path => new PathString(path).Add("/c").Value + new StringValues("?x") + AppDomain.CurrentDomain.GetData("FX_DEPS_FILE")).Collect()[0];
        Console.WriteLine(seen.Contains("AspNetCore") ? "ASP.NET Core is there" : seen.Split("?x")[0] + "?x");
        """;

    [Test, Long]
    public async Task Parts_of_ASPNET_Core_that_tasks_use_come_from_the_driver()
    {
        var shared = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "Microsoft.AspNetCore.App"));
        if (!Directory.Exists(shared)) Assert.Ignore($"ASP.NET Core is not installed in {shared}.");
        var framework = Directory.GetDirectories(shared).Order(StringComparer.Ordinal).Last();
        using var directory = new TemporaryDirectory();
        var app = Build(directory.File("web"), framework);
        await using var cluster = await BareCluster.StartAsync(cores: 1);

        var output = await TestProcess.RunAsync("dotnet", ["exec", app, cluster.Url], Limit);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(new[] { "/a/b/c?x" }), cluster.Transcript);
            Assert.That(cluster.CachedFiles, Does.Contain("Microsoft.AspNetCore.Http.Abstractions.dll"));
        }
    }

    private static string Build(string directory, string framework)
    {
        var app = TestAssembly.Compile(
            directory, "web", App, OutputKind.ConsoleApplication, Path.Combine(framework, "Microsoft.AspNetCore.Http.Abstractions.dll"));
        SparkishFiles.CopyTo(directory);
        var frameworks = new[] { "Microsoft.NETCore.App", "Microsoft.AspNetCore.App" }.Select(name => new { name, version = "10.0.0" });
        var configProperties = new Dictionary<string, bool>(StringComparer.Ordinal) { ["System.Globalization.Invariant"] = true };
        File.WriteAllText(Path.ChangeExtension(app, ".runtimeconfig.json"),
            JsonSerializer.Serialize(new { runtimeOptions = new { tfm = "net10.0", frameworks, configProperties } }));
        return app;
    }
}
