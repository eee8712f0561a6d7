using System.Collections.Concurrent;

namespace Sparkish.Rpc.Transport;

/// <summary>The message connections of an env: for each peer address the one that messages to it are sent over, and all that live. Safe for all threads.</summary>
internal sealed class PeerTable(TransportContext context)
{
    private readonly ConcurrentDictionary<RpcAddress, Connection> _byAddress = new();
    private readonly ConcurrentDictionary<Connection, byte> _all = new();
    private volatile bool _closed;

    /// <summary>The connections that have not ended.</summary>
    public ICollection<Connection> All => _all.Keys;

    /// <summary>The connection with a peer; starts to dial when there is none.</summary>
    /// <exception cref="RpcConnectionException">This env does not listen.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public Connection With(RpcAddress peer)
    {
        if (_byAddress.TryGetValue(peer, out var connection)) return connection;
        if (context.Env.Address.Port == 0) throw new RpcConnectionException($"Cannot connect to {peer}: RpcEnv '{context.Env.Name}' does not listen, and so talks only to itself.");
        if (_closed) throw new RpcEnvStoppedException(context.Env.Name);
        var made = new Connection(context, this, peer);
        connection = _byAddress.GetOrAdd(peer, made);
        if (connection == made)
        {
            _all.TryAdd(made, 0);
            context.Tasks.Run(made.ConnectAndRunAsync);
            if (_closed) made.Dispose();
        }

        return connection;
    }

    /// <summary>
    /// Keeps a connection that has come to be. Messages to its peer go over it from now on, unless they already go over another one: they stay
    /// there, so that their order holds.
    /// </summary>
    public void Adopt(Connection connection)
    {
        _all.TryAdd(connection, 0);
        _byAddress.TryAdd(connection.Peer, connection);
        // Not as soon as the table is closed: what waits for a connection in the making is flushed first.
        if (context.Stopping.IsCancellationRequested) connection.Dispose();
    }

    /// <summary>Forgets a connection that ends.</summary>
    public void Remove(Connection connection)
    {
        foreach (var address in connection.PeerAddresses) _byAddress.TryRemove(KeyValuePair.Create(address, connection));
        _all.TryRemove(connection, out _);
    }

    /// <summary>Lets no new connection come to be.</summary>
    public void Close() => _closed = true;
}
