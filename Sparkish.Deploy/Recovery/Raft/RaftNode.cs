using System.Net;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>One life of a member: its log, its state and its part in the group. After a failure of its disk the next life begins from the files.</summary>
internal sealed class RaftNode : IAsyncDisposable
{
    // A request may carry a whole snapshot; a dead peer is noticed by its silence long before.
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(30);
    private const double LongestElection = 1.5;
    private const double HeartbeatThreshold = 0.25;

    private readonly RaftOptions _options;
    private readonly RaftDirectory _directory;
    private readonly RaftPeers _peers;
    private readonly TimeProvider _time;
    private readonly RaftTransport _transport;
    private readonly RaftLog _raftLog;
    private readonly RaftStateMachine _state;
    private readonly CancellationTokenSource _stop = new();
    private Task _introducing = Task.CompletedTask;

    private RaftNode(RaftOptions options, RaftDirectory directory, SparkConf conf, TimeProvider time, ILogger log)
    {
        (_options, _directory, _time) = (options, directory, time);
        _state = new RaftStateMachine(directory, log);
        _peers = new RaftPeers(options, directory, _state, time, log);
        _transport = new RaftTransport(options, _peers, conf, time, log);
        try
        {
            _raftLog = new RaftLog(directory, _state) { MayVote = () => _peers.MayVote };
        }
        catch
        {
            _transport.Dispose();
            throw;
        }

        (_peers.LastEntry, _peers.Term, _state.Applied) = (() => _raftLog.LastEntryIndex, () => _raftLog.Term, _peers.Applied);
        Cluster = new RaftCluster(ConfigurationOf(options, _transport)) { AuditTrail = _raftLog };
    }

    /// <summary>The library's view of the group.</summary>
    public RaftCluster Cluster { get; }

    /// <summary>The replicated state, as far as it is applied here.</summary>
    public JournalTable Table => _state.Table;

    /// <summary>Number of the last entry of the log.</summary>
    public long LastEntry => _raftLog.LastEntryIndex;

    /// <summary>Starts a member in standby: it stores and votes, and does not stand for election.</summary>
    /// <exception cref="JournalException">Its directory cannot be used.</exception>
    /// <exception cref="SparkException">Its address cannot be used.</exception>
    public static async Task<RaftNode> StartAsync(RaftOptions options, SparkConf conf, TimeProvider time, ILogger log)
    {
        var directory = RaftDirectory.Open(options.Directory, RaftOptions.Text(options.Self));
        RaftNode? node = null;
        try
        {
            node = new RaftNode(options, directory, conf, time, log);
            await node.Cluster.StartAsync(CancellationToken.None).ConfigureAwait(false);
            node._introducing = node.IntroduceAsync();
            return node;
        }
        catch (Exception e)
        {
            if (node is not null) await node.DisposeAsync().ConfigureAwait(false);
            else directory.Dispose();
            if (e is SparkException) throw;
            if (e is IntegrityException or InvalidDataException or ArgumentException) throw directory.Corrupt($"its log is damaged ({e.Message})", e);
            throw new JournalException($"The Raft member {RaftOptions.Text(options.Self)} cannot start: {e.Message}", e);
        }
    }

    /// <summary>Commits a command, and returns its outcome once it is applied here.</summary>
    /// <exception cref="JournalException">It is not known whether the command was committed.</exception>
    public async Task<RaftOutcome> CommitAsync(RaftCommand command, CancellationToken cancellationToken)
    {
        var outcome = _state.Expect(command.Request);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_options.AppendTimeout);
        try
        {
            await Cluster.ReplicateAsync(new BinaryLogEntry { Term = _raftLog.Term, Content = command.Encode() }, timeout.Token).ConfigureAwait(false);
            return await outcome.WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new JournalException(timeout.IsCancellationRequested
                ? $"no majority of the Raft members stored it within {_options.AppendTimeout.TotalSeconds} s (spark.deploy.raft.appendTimeout)"
                : "this member no longer leads", e);
        }
        catch (Exception e) when (e is not OperationCanceledException and not SparkException)
        {
            throw new JournalException(e is NotLeaderException ? "this member does not lead" : $"the Raft member failed: {e.Message}", e);
        }
        finally
        {
            _state.Forget(command.Request);
        }
    }

    /// <summary>Waits until every entry that was committed before the call is applied here.</summary>
    /// <exception cref="QuorumUnreachableException">There is no leader at the moment, or it has only just been elected.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        // The library asks the leader for its last committed entry. A new leader does not know yet what its predecessor committed.
        var term = _raftLog.Term;
        if (!await _raftLog.HasCommittedInTermAsync(cancellationToken).ConfigureAwait(false)) throw new QuorumUnreachableException();
        await Cluster.ApplyReadBarrierAsync(ReadBarrierType.Strong, cancellationToken).ConfigureAwait(false);
        if (_raftLog.Term != term) throw new QuorumUnreachableException();
    }

    /// <summary>The reason why this life has failed; null while it goes on.</summary>
    public async ValueTask<string?> FailureAsync()
    {
        try
        {
            _ = Cluster.ConsensusToken;
            await _raftLog.WaitForApplyAsync(0).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return (e.InnerException ?? e).Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _introducing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Cluster.DisposeAsync().ConfigureAwait(false);
        await _transport.CloseAsync().ConfigureAwait(false);
        await _raftLog.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
    }

    // A member that does not vote yet has to learn from each of the others whether the cluster is new.
    private async Task IntroduceAsync()
    {
        await Task.Yield();
        while (!_peers.IsVoter)
        {
            foreach (var other in _options.Others)
            {
                try
                {
                    await (await _transport.ConnectAsync(other, _stop.Token).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                }
                catch (Exception e) when (e is SparkException or IOException)
                {
                    // It is asked again.
                }
            }

            await Task.Delay(_options.Beat, _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private static RaftCluster.CustomTransportConfiguration ConfigurationOf(RaftOptions options, RaftTransport transport)
    {
        var configuration = new RaftCluster.CustomTransportConfiguration(options.Self, transport, transport)
        {
            ConfigurationStorage = null,
            ColdStart = false,
            Standby = true,
            AggressiveLeaderStickiness = true,
            LowerElectionTimeout = (int)options.ElectionTimeout.TotalMilliseconds,
            UpperElectionTimeout = (int)(options.ElectionTimeout.TotalMilliseconds * LongestElection),
            HeartbeatThreshold = HeartbeatThreshold,
            ConnectTimeout = options.Silence,
            RequestTimeout = RequestTime,
        };
        var members = ((InMemoryClusterConfigurationStorage<EndPoint>)configuration.ConfigurationStorage!).CreateInitialConfigurationBuilder();
        foreach (var member in options.Members) members.Add(member);
        members.Build();
        return configuration;
    }
}
