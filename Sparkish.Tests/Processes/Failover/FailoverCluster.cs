using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>Masters, three workers and a user's process, each on a machine of its own as far as the network goes.</summary>
internal sealed partial class FailoverCluster : IAsyncDisposable
{
    private const int Workers = 3;
    private const string Port = "7077";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly Channel<Leader> _elected = Channel.CreateUnbounded<Leader>();
    private readonly NamespaceNetwork _network;
    private readonly FailoverStore _store;
    private readonly string _secret;
    private Leader? _leader;
    private int _questions;

    private FailoverCluster(NamespaceNetwork network, FailoverStore store, int masters)
    {
        (_network, _store) = (network, store);
        _secret = _directory.Write("secret", "a secret that is long enough for everybody");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_secret, UnixFileMode.UserRead);
        Masters = [.. Enumerable.Range(0, masters).Select(NewMaster)];
        WorkerNodes = [.. Enumerable.Range(masters, Workers).Select(NewWorker)];
        string[] settings =
        [
            $"spark.authenticate.secret.file={_secret}", $"spark.driver.host={network.AddressOf(masters + Workers)}", $"spark.local.dir={_directory.Path}",
        ];
        Driver = network.Start(masters + Workers, "dotnet", ["exec", TestProgram, FailoverDriver.Command, Url, .. settings]);
    }

    public IReadOnlyList<ClusterNode> Masters { get; }

    public IReadOnlyList<ClusterNode> WorkerNodes { get; }

    /// <summary>The process that a <see cref="FailoverDriver"/> is.</summary>
    public TestProcess Driver { get; }

    private static string TestProgram => typeof(FailoverCluster).Assembly.Location;

    private string Url => "spark://" + string.Join(',', Enumerable.Range(0, Masters.Count).Select(master => $"{_network.AddressOf(master)}:{Port}"));

    /// <summary>Starts masters with a recovery mode, and workers that have registered when this returns.</summary>
    public static async Task<FailoverCluster> StartAsync(string mode, int masters)
    {
        var network = await NamespaceNetwork.CreateAsync(masters + Workers + 1);
        FailoverCluster? cluster = null;
        FailoverStore? store = null;
        try
        {
            store = await FailoverStore.OpenAsync(mode, network);
            cluster = new FailoverCluster(network, store, masters);
            foreach (var node in cluster.Masters.Concat(cluster.WorkerNodes)) node.Start();
            await cluster.LeaderAsync();
            foreach (var worker in cluster.WorkerNodes) await worker.SaysAsync("Registered with master");
            foreach (var master in cluster.Masters) await cluster.JoinedAsync(master);
            return cluster;
        }
        catch
        {
            if (cluster is not null)
            {
                await TestContext.Out.WriteLineAsync(cluster.Transcript);
                await cluster.DisposeAsync();
            }
            else
            {
                if (store is not null) await store.DisposeAsync();
                await network.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>A gate that all machines reach.</summary>
    public TaskGate NewGate() => new(_network.Listen());

    /// <summary>The master that leads now, as far as is known.</summary>
    public async Task<Leader> LeaderAsync()
    {
        while (_elected.Reader.TryRead(out var elected)) Take(elected);
        while (_leader is null) Take(await _elected.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        return _leader;
    }

    /// <summary>The master that leads after another process has failed.</summary>
    public async Task<Leader> LeaderAfterAsync(TestProcess failed)
    {
        while ((await LeaderAsync()).Process == failed) Take(await _elected.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        return _leader!;
    }

    /// <summary>Waits until a master leads, or can replace the leader.</summary>
    public Task JoinedAsync(ClusterNode master) => master.Process.WaitForLineAsync(
        line => TermIn().IsMatch(line) || line.Contains(_store.Joined, StringComparison.Ordinal), Patience);

    /// <summary>The worker on whose machine a process runs.</summary>
    public ClusterNode WorkerOf(int process) => WorkerNodes.Single(node => NetworkOf(node.Process.Id) == NetworkOf(process));

    /// <summary>The address of a node's machine.</summary>
    public string AddressOf(ClusterNode node) => _network.AddressOf(node.Machine);

    /// <summary>Starts a job on one core whose first task waits at a gate; its result comes when awaited.</summary>
    public async Task<Task<string>> StartJobAsync(TaskGate gate)
    {
        await Driver.WriteLineAsync($"job {gate.Address}");
        return AnswerAsync("job");
    }

    /// <summary>Submits a driver that passes a gate and finishes; returns its id.</summary>
    public Task<string> SubmitAsync(TaskGate gate, bool isSupervised = false) =>
        AskAsync("submit", $" {gate.Address} {(isSupervised ? "supervised" : "once")}");

    /// <summary>The state of a driver, and what its master says of it.</summary>
    public Task<string> StatusAsync(string driver) => AskAsync("status", $" {driver}");

    /// <summary>Starts an application that counts three numbers.</summary>
    /// <returns>Its id, once a master has taken it, and its result.</returns>
    public async Task<(string Application, Task<string> Result)> StartCountAsync()
    {
        var question = NextQuestion();
        await Driver.WriteLineAsync($"count {question}");
        var result = AnswerAsync($"count {question}");
        return (await AnswerAsync($"registered {question}"), result);
    }

    /// <summary>All that its processes said, for a test that fails.</summary>
    public string Transcript =>
        string.Join("\n\n", Masters.Concat(WorkerNodes).Select(static node => node.Transcript).Append(Driver.Transcript));

    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(Transcript);
        foreach (var node in Masters.Concat(WorkerNodes)) node.Stop();
        await _network.DisposeAsync();
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    private static string NetworkOf(int process) => new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net")).LinkTarget!;

    private ClusterNode NewMaster(int number)
    {
        ClusterNode? node = null;
        string[] settings = [.. _store.SettingsOf(number), $"spark.authenticate.secret.file={_secret}"];
        node = new ClusterNode(_network, number, Sparkish("master", settings, "--host", _network.AddressOf(number), "--port", Port),
            life => _ = TellOfElectionAsync(node!, life));
        return node;
    }

    private ClusterNode NewWorker(int machine) => new(_network, machine,
        Sparkish("worker", [$"spark.authenticate.secret.file={_secret}", $"spark.worker.driverDirectories={Path.GetDirectoryName(TestProgram)}"],
            Url, "--host", _network.AddressOf(machine), "--cores", "2", "--memory", "3g",
                "--work-dir", _directory.File(string.Create(CultureInfo.InvariantCulture, $"worker{machine}"))), static _ => { });

    private static string[] Sparkish(string command, IEnumerable<string> settings, params string[] arguments) =>
    [
        TestedEnv.Command, command, .. arguments,
        .. TestedEnv.Settings.Select(static setting => $"{setting.Key}={setting.Value}").Concat(settings)
            .SelectMany(static setting => new[] { "--conf", setting }),
    ];

    private async Task TellOfElectionAsync(ClusterNode master, TestProcess life)
    {
        try
        {
            var line = await life.WaitForLineAsync(static line => TermIn().IsMatch(line), Timeout.InfiniteTimeSpan);
            await _elected.Writer.WriteAsync(new Leader(master, life, long.Parse(TermIn().Match(line).Groups["term"].ValueSpan, CultureInfo.InvariantCulture),
                Stopwatch.GetTimestamp()));
        }
        catch (AssertionException)
        {
            // It ended as a standby.
        }
        catch (InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Take(Leader elected)
    {
        if (_leader is null || elected.Term > _leader.Term) _leader = elected;
    }

    private async Task<string> AskAsync(string what, string rest)
    {
        var question = NextQuestion();
        await Driver.WriteLineAsync($"{what} {question}{rest}");
        return await AnswerAsync($"{what} {question}");
    }

    private string NextQuestion() => (++_questions).ToString(CultureInfo.InvariantCulture);

    private async Task<string> AnswerAsync(string question)
    {
        var line = await Driver.WaitForLineAsync(
            line => line.StartsWith($"{question} = ", StringComparison.Ordinal) || line.StartsWith($"{question} failed", StringComparison.Ordinal), Patience);
        return line.StartsWith($"{question} = ", StringComparison.Ordinal) ? line[(question.Length + 3)..] : throw new AssertionException(line);
    }

    [GeneratedRegex(@"Master started at \S+ in term (?<term>\d+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TermIn();

    /// <summary>A process that a master is, its term as leader, and the time at which it said so.</summary>
    public sealed record Leader(ClusterNode Master, TestProcess Process, long Term, long At);
}
