using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The member of a Raft group that this process hosts, leader or not. It starts at the first use, and again after a failure, such as a full disk. Shared by the
/// journal store and the election of one master.
/// </summary>
internal sealed class RaftMember : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SparkConf _conf;
    private readonly CancellationTokenSource _stop = new();
    private Task<RaftNode>? _starting;
    private Task _watching = Task.CompletedTask;
    private bool _isDisposed;

    public RaftMember(RaftOptions options, SparkConf conf, TimeProvider time, ILogger log) => (Options, _conf, Time, Log) = (options, conf, time, log);

    public RaftOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>The member's address, for people.</summary>
    public string Name => RaftOptions.Text(Options.Self);

    /// <summary>Starts the member, or returns the running one.</summary>
    /// <exception cref="JournalException">Its directory cannot be used.</exception>
    public async Task<RaftNode> NodeAsync(CancellationToken cancellationToken)
    {
        Task<RaftNode> starting;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IJournalStore));
            if (_starting is null or { IsFaulted: true }) _starting = StartAsync();
            starting = _starting;
        }

        return await starting.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Task<RaftNode>? starting;
        Task watching;
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            (starting, watching) = (_starting, _watching);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting is null) return;
        await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (starting.IsCompletedSuccessfully) await (await starting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private async Task<RaftNode> StartAsync()
    {
        await Task.Yield();
        var node = await RaftNode.StartAsync(Options, _conf, Time, Log).ConfigureAwait(false);
        Log.MemberStarted(Name, string.Join(", ", Options.Members.Select(RaftOptions.Text)), node.LastEntry);
        node.Cluster.LeaderChanged += (_, leader) =>
        {
            if (leader is not null) Log.LeaderChanged(Name, leader.EndPoint.ToString() ?? "");
        };
        lock (_lock)
        {
            if (!_isDisposed) _watching = WatchAsync(node);
        }

        return node;
    }

    // Replaces a member that has failed. Its files are whole, so the next one goes on from them.
    private async Task WatchAsync(RaftNode node)
    {
        string? failure;
        do
        {
            await Task.Delay(Options.Silence, Time, _stop.Token).ConfigureAwait(false);
            failure = await node.FailureAsync().ConfigureAwait(false);
        }
        while (failure is null);

        Log.MemberFailed(Name, Pause, failure);
        lock (_lock)
        {
            if (_isDisposed) return;
            _starting = RestartAsync(node);
        }
    }

    private async Task<RaftNode> RestartAsync(RaftNode failed)
    {
        await Task.Yield();
        await failed.DisposeAsync().ConfigureAwait(false);
        while (true)
        {
            await Task.Delay(Pause, Time, _stop.Token).ConfigureAwait(false);
            try
            {
                return await StartAsync().ConfigureAwait(false);
            }
            catch (JournalException e) when (e is not JournalCorruptException)
            {
                Log.MemberFailed(Name, Pause, e.Message);
            }
        }
    }
}
