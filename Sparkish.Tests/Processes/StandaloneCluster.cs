using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Processes;

/// <summary>A master and workers of one core each, as processes.</summary>
internal sealed partial class StandaloneCluster : IAsyncDisposable
{
    private const int Sigkill = 9;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<TestProcess> _processes = [];

    private readonly string[] _arguments;

    private StandaloneCluster(TestProcess master, string url, string[] arguments)
    {
        (Url, _arguments) = (url, arguments);
        _processes.Add(master);
    }

    public string Url { get; }

    public TestProcess Master => _processes[0];

    public IReadOnlyList<TestProcess> Workers => [.. _processes.Skip(1)];

    public static async Task<StandaloneCluster> StartAsync(int workers, params string[] arguments)
    {
        string[] fixedPorts = TestedEnv.WithFixedPorts();
        var (master, url) = await StartMasterAsync(["--port", "0", .. fixedPorts, .. arguments]);
        var cluster = new StandaloneCluster(master, url, [.. fixedPorts, .. arguments]);
        for (var i = 0; i < workers; i++) cluster.StartWorker(i, arguments);
        foreach (var worker in cluster.Workers) await worker.WaitForLineAsync(HasRegistered, Limit);
        return cluster;
    }

    /// <summary>The URL in a line of a master or worker.</summary>
    public static string UrlIn(string line) => SparkUrl().Match(line).Value;

    /// <summary>Kills the master and starts another one at the same ports; all workers have registered with it.</summary>
    public async Task RestartMasterAsync()
    {
        await Master.DisposeAsync();
        (_processes[0], _) = await StartMasterAsync(["--port", Url[(Url.LastIndexOf(':') + 1)..], .. _arguments]);
        var registered = new HashSet<string>(StringComparer.Ordinal);
        while (registered.Count < Workers.Count)
            registered.Add(await Master.WaitForLineAsync(line => line.Contains("registered with", StringComparison.Ordinal) && !registered.Contains(line), Limit));
    }

    /// <summary>Kills a worker alone, as <c>kill -9</c> does, and starts another one with its work directory. Completes when that one has registered.</summary>
    public async Task RestartWorkerAsync(int index)
    {
        var old = Workers[index];
        old.Signal(Sigkill);
        await old.WaitForExitAsync(Limit);
        _processes[index + 1] = StartWorkerProcess(index, _arguments);
        await Workers[index].WaitForLineAsync(HasRegistered, Limit);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<(TestProcess Master, string Url)> StartMasterAsync(IEnumerable<string> arguments)
    {
        var master = TestedEnv.Start("master", arguments);
        var started = await master.WaitForLineAsync(line => line.Contains("Master started at", StringComparison.Ordinal), Limit);
        return (master, UrlIn(started));
    }

    private static bool HasRegistered(string line) => line.Contains("Registered with master", StringComparison.Ordinal);

    private void StartWorker(int index, string[] arguments) => _processes.Add(StartWorkerProcess(index, arguments));

    private TestProcess StartWorkerProcess(int index, string[] arguments) => TestedEnv.Start("worker", [Url, "--cores", "1", "--memory", "2g",
        "--work-dir", _directory.File(string.Create(CultureInfo.InvariantCulture, $"worker{index}")), .. arguments]);

    [GeneratedRegex(@"spark://[\d.]+:\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkUrl();
}
