using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Assemblies;

/// <summary>
/// A master and a worker that run from a published copy of sparkish, in a directory of their own, with every place cleared where the runtime would look
/// for what they do not have.
/// </summary>
internal sealed partial class BareCluster : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory;
    private readonly TestProcess _master;
    private readonly TestProcess _worker;

    private BareCluster(string program, TemporaryDirectory directory, TestProcess master, TestProcess worker, string url) =>
        (Program, _directory, _master, _worker, Url) = (program, directory, master, worker, url);

    public string Url { get; }

    /// <summary>Where the programs of master, worker and executors lie.</summary>
    public string Program { get; }

    /// <summary>What the worker keeps.</summary>
    public string Work => _directory.File("work");

    /// <summary>What the worker keeps of applications.</summary>
    public string Cache => Path.Combine(Work, "assemblies");

    /// <summary>All that master and worker said, for a failing test's message.</summary>
    public string Transcript =>
        $"{_master.Transcript}\n{_worker.Transcript}\n{string.Join('\n', Directory.GetFiles(Work, "stderr", SearchOption.AllDirectories).Select(File.ReadAllText))}";

    /// <summary>The names of the kept files.</summary>
    public IReadOnlyList<string> CachedFiles =>
        Directory.Exists(Cache) ? [.. Directory.GetFiles(Cache, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file))] : [];

    public static async Task<BareCluster> StartAsync(int cores)
    {
        var directory = new TemporaryDirectory();
        var program = await RepositoryBuild.CommandAsync();
        var master = Start(program, directory, "master", "--port", "0");
        var started = await master.WaitForLineAsync(line => line.Contains("Master started at", StringComparison.Ordinal), Limit);
        var url = SparkUrl().Match(started).Value;
        var worker = Start(program, directory, "worker", url, "--cores", $"{cores}", "--memory", "4g", "--work-dir", directory.File("work"));
        await worker.WaitForLineAsync(line => line.Contains("Registered with master", StringComparison.Ordinal), Limit);
        return new BareCluster(program, directory, master, worker, url);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _master.DisposeAsync();
        _directory.Dispose();
    }

    private static TestProcess Start(string program, TemporaryDirectory directory, params string[] arguments)
    {
        var elsewhere = Directory.CreateDirectory(directory.File("elsewhere")).FullName;
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOME"] = elsewhere,
            ["NUGET_PACKAGES"] = elsewhere,
            ["DOTNET_ADDITIONAL_DEPS"] = null,
            ["DOTNET_SHARED_STORE"] = null,
            ["DOTNET_STARTUP_HOOKS"] = null,
            ["LD_LIBRARY_PATH"] = null,
        };
        return TestProcess.Start("dotnet", ["exec", Path.Combine(program, "sparkish.dll"), .. arguments], elsewhere, environment);
    }

    [GeneratedRegex(@"spark://[\d.]+:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkUrl();
}
