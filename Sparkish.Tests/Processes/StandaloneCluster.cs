using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Processes;

/// <summary>A master and workers of one core each, as processes.</summary>
internal sealed partial class StandaloneCluster : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<TestProcess> _processes = [];

    private StandaloneCluster(TestProcess master, string url)
    {
        Url = url;
        _processes.Add(master);
    }

    public string Url { get; }

    public TestProcess Master => _processes[0];

    public IReadOnlyList<TestProcess> Workers => [.. _processes.Skip(1)];

    public static async Task<StandaloneCluster> StartAsync(int workers, params string[] arguments)
    {
        var master = TestProcess.StartAssembly("sparkish.dll", ["master", "--port", "0", .. arguments]);
        var started = await master.WaitForLineAsync(line => line.Contains("Master started at", StringComparison.Ordinal), Limit);
        var cluster = new StandaloneCluster(master, SparkUrl().Match(started).Value);
        for (var i = 0; i < workers; i++) cluster.StartWorker(i, arguments);
        foreach (var worker in cluster.Workers)
            await worker.WaitForLineAsync(line => line.Contains("Registered with master", StringComparison.Ordinal), Limit);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        _directory.Dispose();
    }

    private void StartWorker(int index, string[] arguments) =>
        _processes.Add(TestProcess.StartAssembly("sparkish.dll", ["worker", Url, "--cores", "1", "--memory", "2g",
        "--work-dir", _directory.File(string.Create(CultureInfo.InvariantCulture, $"worker{index}")), .. arguments]));

    [GeneratedRegex(@"spark://[\d.]+:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkUrl();
}
