using System.Text.Json;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Packaging;

/// <summary>Packs the build, and builds a user's console app against these packages without any other package source.</summary>
internal static class UserApp
{
    private static readonly string[] Packages = ["Sparkish.Core", "Sparkish.Scheduler", "Sparkish.Deploy"];

    /// <summary>
    /// Builds the app of <paramref name="files"/> (contents by file name) in a directory next to a clone named <c>sparkish</c> with its packages in
    /// <c>artifacts/packages</c>, and returns the path of its assembly.
    /// </summary>
    public static async Task<string> BuildAsync(string directory, string name, IReadOnlyDictionary<string, string> files, TimeSpan limit)
    {
        var environment = CleanEnvironment(Path.Combine(directory, "restored"));
        var feed = Directory.CreateDirectory(Path.Combine(directory, "sparkish", "artifacts", "packages")).FullName;
        var app = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        var packed = await RepositoryBuild.PackagesAsync();
        foreach (var package in Packages.Select(id => PackageIn(packed, id)).Concat(RestoredFor("Sparkish.Deploy")))
            File.Copy(package, Path.Combine(feed, Path.GetFileName(package)));

        // The nearest file is read last, so the app's sources are added to none.
        await File.WriteAllTextAsync(Path.Combine(directory, "nuget.config"), "<configuration><packageSources><clear /></packageSources></configuration>");
        foreach (var (file, content) in files) await File.WriteAllTextAsync(Path.Combine(app, file), content);
        await Dotnet(app, "build", "--nologo", "-c", "Release", "-o", Path.Combine(app, "out"));
        return Path.Combine(app, "out", $"{name}.dll");

        Task Dotnet(string where, params string[] arguments) => TestProcess.RunAsync("dotnet", arguments, limit, where, environment);
    }

    // The configuration that the tests themselves were built with, as their path …/bin/CONFIGURATION/net10.0 tells.
    internal static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    // Sparkish.Deploy.Hosting is another package than Sparkish.Deploy.
    private static string PackageIn(string directory, string id) =>
        Directory.GetFiles(directory, $"{id}.*.nupkg").Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

    /// <summary>The packages of others that a project was built with, analyzers apart.</summary>
    private static IEnumerable<string> RestoredFor(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Find(), project, "obj", "project.assets.json")));
        var target = assets.RootElement.GetProperty("targets").EnumerateObject().First().Value;
        var used = target.EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() is "package" && library.Value.TryGetProperty("runtime", out _));
        return [.. used.SelectMany(library => Directory.EnumerateFiles(Path.Combine(PackagesFolder, library.Name.ToLowerInvariant()), "*.nupkg"))];
    }

    private static string PackagesFolder => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
        ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // 'dotnet test' leaves variables of its own build behind; a user's shell has none of them. Build servers would outlive the test.
    internal static Dictionary<string, string?> CleanEnvironment(string? packages = null)
    {
        var environment = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        if (packages is not null) environment["NUGET_PACKAGES"] = packages;
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["DOTNET_NOLOGO"] = "1";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        environment["UseSharedCompilation"] = "false";
        return environment;
    }
}
