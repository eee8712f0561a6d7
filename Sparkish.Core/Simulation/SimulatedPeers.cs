using Sparkish.Rpc;
using Sparkish.Rpc.Transport;

namespace Sparkish.Simulation;

/// <summary>The connections of a simulated env: for each peer address the one that messages to it are sent over, and all that live, oldest first.</summary>
internal sealed class SimulatedPeers(SimulatedRpcEnv env)
{
    private readonly Dictionary<RpcAddress, SimulatedConnection> _byAddress = [];
    private readonly List<SimulatedConnection> _all = [];
    private readonly DialPauses _pauses = new(env.Time, env.Options.ReconnectMinPause, env.Options.ReconnectMaxPause, env.NewRandom());
    private ITimer? _keepAlive;

    public IReadOnlyList<SimulatedConnection> All => _all;

    public bool IsClosed { get; set; }

    /// <summary>The connection with a peer; starts to dial when there is none, after a pause if the last try has failed a moment ago.</summary>
    /// <exception cref="RpcConnectionException">The peer does not listen.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public SimulatedConnection With(RpcAddress peer)
    {
        if (_byAddress.TryGetValue(peer, out var connection)) return connection;
        if (IsClosed) throw new RpcEnvStoppedException(env.Name);
        if (peer.Port <= 0) throw new RpcConnectionException($"Cannot connect to {peer}: its env does not listen, so only it can make a connection, and there is none.");
        connection = SimulatedConnection.ToDial(env, this, peer);
        _byAddress.Add(peer, connection);
        _all.Add(connection);
        connection.Dial(_pauses.Next(peer));
        return connection;
    }

    /// <summary>Decides about a peer that has dialled; null when it is to wait for the connection that this env makes.</summary>
    /// <param name="hello">Who dials.</param>
    /// <param name="greetedAt">Which event brought its hello.</param>
    public SimulatedConnection? Admit(Hello hello, long greetedAt)
    {
        while (_byAddress.TryGetValue(hello.Address, out var existing))
        {
            // Both have dialled, and the peer has taken ours after its own proof had left: it knows of the one that stands, and has given up this one.
            if (existing.IsOpenWith(hello) && existing.OpenedAt > greetedAt) return null;
            switch (existing.TryPromise(peerWins: Compare(hello.Address, env.Address) < 0))
            {
                case true: return existing;
                case false: return null;
                default: existing.Close("the peer has made a new one"); break;
            }
        }

        var accepted = SimulatedConnection.Accepted(env, this, hello);
        _byAddress.Add(hello.Address, accepted);
        _all.Add(accepted);
        return accepted;
    }

    /// <summary>Keeps a connection that has come to be, for all addresses of its peer that go over no other one.</summary>
    public void Adopt(SimulatedConnection connection)
    {
        foreach (var address in connection.PeerAddresses)
        {
            _byAddress.TryAdd(address, connection);
            _pauses.Forget(address);
        }

        var beat = env.Options.KeepAliveInterval / 2;
        _keepAlive ??= env.Time.CreateTimer(_ => KeepAlive(), null, beat, beat);
    }

    public void Remove(SimulatedConnection connection)
    {
        foreach (var address in connection.PeerAddresses)
        {
            if (_byAddress.GetValueOrDefault(address) == connection) _byAddress.Remove(address);
        }

        _all.Remove(connection);
    }

    /// <summary>A peer could not be reached: the next try waits a little longer.</summary>
    public void CountFailure(RpcAddress peer) => _pauses.CountFailure(peer);

    private void KeepAlive()
    {
        foreach (var connection in _all.ToList()) connection.KeepAlive(env.Options.KeepAliveInterval, env.Options.KeepAliveTimeout);
        if (_all.Count > 0) return;
        _keepAlive!.Dispose();
        _keepAlive = null;
    }

    private static int Compare(RpcAddress left, RpcAddress right)
    {
        var hosts = string.CompareOrdinal(left.Host, right.Host);
        return hosts != 0 ? hosts : left.Port.CompareTo(right.Port);
    }
}
