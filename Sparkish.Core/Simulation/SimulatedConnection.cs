using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport;

namespace Sparkish.Simulation;

/// <summary>
/// One message connection of a simulated env with a peer, from the wish to connect until its end: the network's <see cref="Connection"/> without
/// sockets and threads. It never reconnects; after its end the next message makes a new one.
/// </summary>
internal sealed partial class SimulatedConnection
{
    private readonly SimulatedRpcEnv _env;
    private readonly SimulatedPeers _peers;
    private readonly RpcAddress? _dialled;
    private readonly AskTable _asks = new();
    private readonly List<Segment> _waiting = [];
    private readonly TaskCompletionSource<bool> _settled;
    private Hello? _hello;
    private WireEnd? _end;
    private ITimer? _timeout;
    private ConnectionPhase _phase;
    private long _waitingBytes;
    private long _lastHeard;
    private long _lastSpoke;

    private SimulatedConnection(SimulatedRpcEnv env, SimulatedPeers peers, RpcAddress? dialled, Hello? hello)
    {
        _env = env;
        _peers = peers;
        _dialled = dialled;
        _hello = hello;
        _phase = dialled is null ? ConnectionPhase.Promised : ConnectionPhase.Dialling;
        _settled = env.NewCompletion<bool>();
    }

    public static SimulatedConnection ToDial(SimulatedRpcEnv env, SimulatedPeers peers, RpcAddress peer) => new(env, peers, peer, null);

    public static SimulatedConnection Accepted(SimulatedRpcEnv env, SimulatedPeers peers, Hello hello) => new(env, peers, null, hello);

    /// <summary>The address that the peer advertises; until the handshake the one that was dialled.</summary>
    public RpcAddress Peer => _hello?.Address ?? _dialled!.Value;

    public IEnumerable<RpcAddress> PeerAddresses => _dialled is { } dialled && dialled != Peer ? [dialled, Peer] : [Peer];

    public bool HasEnded => _phase == ConnectionPhase.Closed;

    public bool IsOpen => _phase == ConnectionPhase.Open;

    /// <summary>Which event opened it.</summary>
    public long OpenedAt { get; private set; }

    /// <summary>Completes when it is open or has ended.</summary>
    public Task Settled => IsOpen ? Task.CompletedTask : _settled.Task;

    /// <summary>Whether it stands with this very start of a peer.</summary>
    public bool IsOpenWith(Hello hello) => IsOpen && _hello!.Incarnation == hello.Incarnation;

    /// <summary>Dials the peer after a pause.</summary>
    public void Dial(TimeSpan pause) => _env.After(pause, () =>
    {
        if (_phase != ConnectionPhase.Dialling) return;
        var limit = _env.Options.ConnectionTimeout;
        var peer = _dialled!.Value;
        if (_env.Cluster.Network.Host(peer.Host) is not { } host)
        {
            FailToConnect(null, new RpcConnectionException($"Cannot connect to {peer}: no such host is known."));
            return;
        }

        _timeout = _env.After(limit, () => FailToConnect(_end, new RpcConnectionException(
            $"Cannot connect to {peer}: no answer within {AskTimeout.Format(limit)} (spark.rpc.io.connectionTimeout).")));
        _end = WireEnd.Between(_env, host);
        _end.Connection = this;
        _end.Send(Segment.Of(SegmentKind.Hello));
    });

    /// <summary>The peer wants the proof: from now on its own dialling goes before only by the rule that both sides know.</summary>
    public bool TryCommit()
    {
        if (_phase != ConnectionPhase.Dialling) return false;
        _phase = ConnectionPhase.Committed;
        return true;
    }

    /// <summary>A peer that dials asks to be the one that makes this connection; null if this connection stands in its way.</summary>
    public bool? TryPromise(bool peerWins)
    {
        if (_phase is not (ConnectionPhase.Dialling or ConnectionPhase.Committed)) return null;
        if (_phase == ConnectionPhase.Committed && !peerWins) return false;
        _phase = ConnectionPhase.Promised;
        return true;
    }

    /// <summary>The handshake is done: what has waited goes.</summary>
    public void Open(WireEnd end, Hello hello)
    {
        if (_phase is not (ConnectionPhase.Committed or ConnectionPhase.Promised))
        {
            end.Close();
            return;
        }

        if (_end is not null && _end != end) _end.Close();
        _timeout?.Dispose();
        _phase = ConnectionPhase.Open;
        _end = end;
        _hello = hello;
        OpenedAt = _env.Cluster.Steps;
        _lastHeard = _lastSpoke = _env.Time.GetTimestamp();
        _peers.Adopt(this);
        foreach (var address in PeerAddresses) _env.Dispatcher.PostToAll(endpoint => endpoint.OnConnected(address));
        foreach (var segment in _waiting) end.Send(segment);
        _waiting.Clear();
        _waitingBytes = 0;
        _settled.TrySetResult(true);
    }

    /// <summary>The peer has said that its own dialling goes before: its connection is on the way.</summary>
    public void AwaitPromise()
    {
        if (_phase is not (ConnectionPhase.Dialling or ConnectionPhase.Committed)) return;
        var waited = _env.Options.ConnectionTimeout;
        _timeout?.Dispose();
        _timeout = _env.After(waited, () => FailToConnect(_end, new RpcConnectionException(
            $"Cannot connect to {Peer}: it prefers a connection that it makes itself, but none came within {AskTimeout.Format(waited)} (spark.rpc.io.connectionTimeout).")));
    }

    /// <summary>The connection could not be made over an end.</summary>
    public void FailToConnect(WireEnd? end, RpcConnectionException error)
    {
        if (_end != end || _phase is not (ConnectionPhase.Dialling or ConnectionPhase.Committed)) return;
        TryClose();
        _peers.CountFailure(Peer);
        _asks.Close(error);
        _env.ReportCannotConnect(Peer, error);
    }

    /// <summary>The other side of an end has ended.</summary>
    public void OnEnd(WireEnd end, string reason)
    {
        if (end != _end) return;
        if (_phase == ConnectionPhase.Open) Close(reason);
        else FailToConnect(end, new RpcConnectionException($"Cannot connect to {Peer}: {reason}."));
    }

    /// <summary>Ends the connection: what waits for an answer fails. The first call counts.</summary>
    public void Close(string reason)
    {
        var wasOpen = IsOpen;
        if (!TryClose()) return;
        _env.ReportDisconnected(Peer, reason);
        _asks.Close(new RpcConnectionException($"The connection with {Peer} ended before it answered: {reason}."));
        if (!wasOpen) return;
        foreach (var address in PeerAddresses) _env.Dispatcher.PostToAll(endpoint => endpoint.OnDisconnected(address));
    }

    /// <summary>Pings if nothing was sent for the interval, and ends if nothing was heard for the timeout.</summary>
    public void KeepAlive(TimeSpan interval, TimeSpan timeout)
    {
        if (!IsOpen) return;
        if (!_isPaused && _env.Time.GetElapsedTime(_lastHeard) >= timeout)
            Close($"nothing was heard from it for {AskTimeout.Format(timeout)} (spark.rpc.io.keepAliveTimeout)");
        else if (_env.Time.GetElapsedTime(_lastSpoke) >= interval)
            Send(new Segment(SegmentKind.Data, [(byte)FrameKind.Ping], 1));
    }

    private bool TryClose()
    {
        if (HasEnded) return false;
        _phase = ConnectionPhase.Closed;
        _peers.Remove(this);
        _timeout?.Dispose();
        _waiting.Clear();
        _end?.Close();
        _settled.TrySetResult(true);
        return true;
    }

    private void Send(Segment segment)
    {
        _lastSpoke = _env.Time.GetTimestamp();
        if (IsOpen)
        {
            _end!.Send(segment);
            return;
        }

        _waiting.Add(segment);
        _waitingBytes += segment.Bytes.Length;
    }
}
