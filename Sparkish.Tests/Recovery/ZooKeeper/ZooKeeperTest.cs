using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Benchmarks.Servers;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>A test with real servers and a root of its own on them; what it makes here is disposed at its end.</summary>
internal abstract class ZooKeeperTest
{
    /// <summary>Where the nodes of <see cref="Election"/>'s candidates are.</summary>
    protected const string Candidates = "/spark/leader_election";

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Stack<IAsyncDisposable> _made = new();

    protected ZooKeeperEnsemble Ensemble { get; private set; } = null!;

    /// <summary>The servers and the root of this test.</summary>
    protected ZooKeeperUrl Url { get; private set; } = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        Ensemble = await EnsembleAsync();
        Url = ZooKeeperUrl.Parse(await Ensemble.UrlOfNewRootAsync());
    }

    [TearDown]
    public async Task CleanUpAsync()
    {
        while (_made.TryPop(out var made)) await made.DisposeAsync();
    }

    /// <summary>The servers: those that tests share and leave alone, unless a fixture has its own.</summary>
    protected virtual Task<ZooKeeperEnsemble> EnsembleAsync() => ZooKeeperTestServers.EnsembleAsync();

    protected T Own<T>(T made)
        where T : IAsyncDisposable
    {
        _made.Push(made);
        return made;
    }

    protected ZooKeeperOptions Options(string? servers = null, double sessionSeconds = 10, string? credentials = null) =>
        new(servers is null ? Url : ZooKeeperUrl.Parse(servers + Url.Chroot), TimeSpan.FromSeconds(sessionSeconds), credentials);

    protected ZooKeeperClient Client(ZooKeeperOptions? options = null) =>
        Own(new ZooKeeperClient(options ?? Options(), TimeProvider.System, NullLogger.Instance));

    /// <summary>Stands between clients and one server.</summary>
    protected TcpGate Gate(ZooKeeperServer? server = null) => Own(new TcpGate((server ?? Ensemble.All[0]).ClientPort));

    protected ZooKeeperElection Election(string? servers = null, double sessionSeconds = 10, string? credentials = null) =>
        Own(new ZooKeeperElection(Options(servers, sessionSeconds, credentials), "/spark", TimeProvider.System, NullLogger.Instance));

    /// <summary>Waits for the end of a term.</summary>
    protected static async Task EndedAsync(ILeaderTerm term)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = term.Ended.Register(ended.SetResult);
        await ended.Task.WaitAsync(Patience);
    }

    protected static string TextOf(ZooKeeperServer server) => $"127.0.0.1:{server.ClientPort}";

    protected static async Task<ZooKeeperException> FailureOf(Task task)
    {
        try
        {
            await task.WaitAsync(Patience);
        }
        catch (ZooKeeperException e)
        {
            return e;
        }

        throw new AssertionException("It succeeded.");
    }
}
