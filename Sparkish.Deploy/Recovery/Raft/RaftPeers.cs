using System.Net;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// Whether this member may vote. A member with an empty directory may have lost one. Its earlier answers counted, so it must not help to elect a leader without
/// the entries that it had. It votes once it has caught up with a leader, or once all others say that they are new too. A restarted member waits for an
/// election timeout: it no longer knows whether it answered a leader just before. Members tell each other their state and cluster in each handshake.
/// </summary>
internal sealed class RaftPeers
{
    private const string Prefix = "raft";

    private readonly Lock _lock = new();
    private readonly RaftOptions _options;
    private readonly RaftDirectory _directory;
    private readonly RaftStateMachine _state;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly long _startedAt;
    private bool _isVoter;
    private bool _isJoining;
    private Guid _cluster;

    public RaftPeers(RaftOptions options, RaftDirectory directory, RaftStateMachine state, TimeProvider time, ILogger log)
    {
        (_options, _directory, _state, _time, _log) = (options, directory, state, time, log);
        _startedAt = time.GetTimestamp();
        var identity = directory.ReadIdentity();
        _isVoter = identity is not null;
        _cluster = identity?.Cluster ?? state.Table.Cluster;
    }

    /// <summary>The latest entry of the log; set before the first handshake.</summary>
    public Func<long> LastEntry { get; set; } = static () => 0;

    /// <summary>The latest Raft term; set before the first handshake.</summary>
    public Func<long> Term { get; set; } = static () => 0;

    /// <summary>Whether this member votes, at the latest after an election timeout.</summary>
    public bool IsVoter
    {
        get { lock (_lock) return _isVoter; }
    }

    /// <summary>Whether this member may vote now.</summary>
    public bool MayVote
    {
        get { lock (_lock) return _isVoter && _time.GetElapsedTime(_startedAt) >= _options.ElectionTimeout; }
    }

    /// <summary>The name in this member's handshakes: it tells whether the member has entries, and its cluster.</summary>
    public string EnvName
    {
        get
        {
            lock (_lock) return $"{Prefix}/{(LastEntry() > 0 ? "formed" : "new")}/{(_cluster == Guid.Empty ? "" : _cluster.ToString("N"))}";
        }
    }

    /// <summary>Checks a peer and takes note of what it says of itself.</summary>
    /// <exception cref="HandshakeException">It is not a member of this group.</exception>
    public void Take(Hello hello)
    {
        var peer = RaftOptions.Text(new DnsEndPoint(hello.Address.Host, Math.Max(1, hello.Address.Port)));
        var refusal = Refusal(hello, peer, out var isNew);
        if (refusal is not null)
        {
            _log.PeerRefused(RaftOptions.Text(_options.Self), peer, refusal);
            throw new HandshakeException(refusal, tellPeer: true);
        }

        lock (_lock)
        {
            if (_isVoter) return;
            if (isNew) _new.Add(peer);
            else if (!_isJoining)
            {
                _isJoining = true;
                _log.Joining(RaftOptions.Text(_options.Self));
            }

            if (!_isJoining && _options.Others.All(other => _new.Contains(RaftOptions.Text(other)))) Vote("all members are new");
        }
    }

    /// <summary>Called for each applied command: an entry of the present term shows that this member has caught up with its leader.</summary>
    public void Applied(long term)
    {
        lock (_lock)
        {
            var cluster = _state.Table.Cluster;
            var isFirst = _cluster == Guid.Empty && cluster != Guid.Empty;
            if (isFirst) _cluster = cluster;
            if (!_isVoter && term == Term()) Vote("it has caught up with the leader");
            else if (_isVoter && isFirst) _directory.WriteIdentity(cluster);
        }
    }

    private void Vote(string reason)
    {
        _directory.WriteIdentity(_cluster);
        _isVoter = true;
        _log.Votes(RaftOptions.Text(_options.Self), reason);
    }

    private string? Refusal(Hello hello, string peer, out bool isNew)
    {
        isNew = false;
        if (hello.EnvName.Split('/') is not [Prefix, var state, var cluster])
            return "it is not a Raft member: spark.deploy.raft.members must name the Raft ports of the masters";
        isNew = state == "new";
        if (!_options.Others.Any(other => RaftOptions.Text(other) == peer))
            return $"{peer} is not one of the other members: spark.deploy.raft.members must be equal on all masters";
        lock (_lock)
        {
            return cluster.Length > 0 && _cluster != Guid.Empty && cluster != _cluster.ToString("N")
                ? $"{peer} belongs to cluster {cluster} and {RaftOptions.Text(_options.Self)} to cluster {_cluster:N}: one of them has another cluster's directory (spark.deploy.raft.directory)"
                : null;
        }
    }
}
