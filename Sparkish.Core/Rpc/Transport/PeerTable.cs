using System.Collections.Concurrent;

namespace Sparkish.Rpc.Transport;

/// <summary>The message connections of an env: for each peer address the one that messages to it are sent over, and all that live. Safe for all threads.</summary>
internal sealed class PeerTable(TransportContext context)
{
    private readonly ConcurrentDictionary<RpcAddress, Connection> _byAddress = new();
    private readonly ConcurrentDictionary<Connection, byte> _all = new();
    private readonly DialPauses _pauses = new(context.Env.Time, context.Options.ReconnectMinPause, context.Options.ReconnectMaxPause, context.Env.NewRandom());
    private volatile bool _closed;

    /// <summary>The connections that have not ended.</summary>
    public ICollection<Connection> All => _all.Keys;

    /// <summary>The connection with a peer; starts to dial when there is none, after a pause if the last try has failed a moment ago.</summary>
    /// <exception cref="RpcConnectionException">The peer does not listen.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public Connection With(RpcAddress peer)
    {
        if (_byAddress.TryGetValue(peer, out var connection)) return connection;
        if (_closed) throw new RpcEnvStoppedException(context.Env.Name);
        if (peer.Port <= 0) throw new RpcConnectionException($"Cannot connect to {peer}: its env does not listen, so only it can make a connection, and there is none.");
        var made = Connection.ToDial(context, this, peer);
        connection = _byAddress.GetOrAdd(peer, made);
        if (connection == made)
        {
            _all.TryAdd(made, 0);
            var pause = _pauses.Next(peer);
            context.Tasks.Run(() => made.DialAndRunAsync(pause));
            if (_closed) made.Dispose();
        }

        return connection;
    }

    /// <summary>
    /// Decides about a peer that has dialled. What waits for a connection with it goes over its channel, unless our own dialling has gone too far to be
    /// taken back: then the lower address goes before, on both sides. A peer that dials although a connection stands has lost or never had that one.
    /// </summary>
    public async ValueTask<Func<Channel, Task>?> AdmitAsync(Hello hello)
    {
        while (true)
        {
            if (!_byAddress.TryGetValue(hello.Address, out var existing))
            {
                var accepted = Connection.Accepted(context, this, hello);
                if (!_byAddress.TryAdd(hello.Address, accepted)) continue;
                _all.TryAdd(accepted, 0);
                return channel => accepted.RunAsync(channel, hello);
            }

            if (existing.IsKnownByAnotherName(hello))
            {
                // It takes this env for two: let both connections be, and answer over the first.
                var second = Connection.Accepted(context, this, hello);
                _all.TryAdd(second, 0);
                return channel => second.RunAsync(channel, hello);
            }

            switch (await existing.TryPromiseAsync(peerWins: DialOrder.GoesBefore(hello.Address, context.Env.Address)).ConfigureAwait(false))
            {
                case true: return channel => existing.RunAsync(channel, hello);
                case false: return null;
                default: existing.Close("the peer has made a new one"); break;
            }
        }
    }

    /// <summary>
    /// Keeps a connection that has come to be. Messages to its peer go over it from now on, unless they already go over another one: they stay
    /// there, so that their order holds.
    /// </summary>
    public void Adopt(Connection connection)
    {
        _all.TryAdd(connection, 0);
        foreach (var address in connection.PeerAddresses)
        {
            _byAddress.TryAdd(address, connection);
            _pauses.Forget(address);
        }

        // Not as soon as the table is closed: what waits for a connection in the making is flushed first.
        if (context.Stopping.IsCancellationRequested) connection.Dispose();
    }

    /// <summary>Forgets a connection that ends.</summary>
    public void Remove(Connection connection)
    {
        foreach (var address in connection.PeerAddresses) _byAddress.TryRemove(KeyValuePair.Create(address, connection));
        _all.TryRemove(connection, out _);
    }

    /// <summary>A peer could not be reached: the next try waits a little longer.</summary>
    public void CountFailure(RpcAddress peer) => _pauses.CountFailure(peer);

    /// <summary>Lets no new connection come to be.</summary>
    public void Close() => _closed = true;
}
