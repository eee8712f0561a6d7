using System.Collections.Concurrent;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The message connections of an env: for each peer address the current connection, and all connections that have not ended. Works over an
/// <see cref="IDialler"/>. Thread-safe.
/// </summary>
internal sealed class PeerTable(TransportContext context) : IDisposable
{
    private readonly ConcurrentDictionary<RpcAddress, Connection> _byAddress = new();
    private readonly ConcurrentDictionary<long, Connection> _all = new();
    private readonly DialPauses _pauses = new(context.Env.Time, context.Options.ReconnectMinPause, context.Options.ReconnectMaxPause, context.Env.NewRandom());
    private readonly Leavers _leavers = new();
    private readonly Lock _beatLock = new();
    private ITimer? _beat;
    private bool _isDisposed;
    private volatile bool _closed;

    /// <summary>The connections that have not ended, oldest first.</summary>
    public IReadOnlyList<Connection> All
    {
        get
        {
            // A copy first: LINQ asks a collection for its count and then copies it, while other threads add and remove.
            var all = _all.ToArray();
            Array.Sort(all, static (one, other) => one.Key.CompareTo(other.Key));
            return Array.ConvertAll(all, static entry => entry.Value);
        }
    }

    /// <summary>Whether a connection is open or opening, so that its end has not been reported yet.</summary>
    public bool IsLive(long connection) => _all.TryGetValue(connection, out var found) && !found.HasEnded;

    /// <summary>Returns the connection with a peer. If there is none, starts to dial, after a pause if the last attempt has just failed.</summary>
    /// <exception cref="RpcConnectionException">The peer does not listen.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public Connection With(RpcAddress peer)
    {
        if (_byAddress.TryGetValue(peer, out var connection)) return connection;
        if (_closed) throw new RpcEnvStoppedException(context.Env.Name);
        if (peer.Port <= 0)
            throw new RpcConnectionException($"Cannot connect to {peer}: its env does not listen, so only that env could connect, and it has not.");
        if (!context.Dials)
        {
            throw new RpcConnectionException($"Cannot connect to {peer}: this env does not dial, so only the peer could connect, and it has not.")
            {
                HasLeft = _leavers.Has(peer),
            };
        }

        var made = Connection.ToDial(context, this, peer);
        Add(made);
        connection = _byAddress.GetOrAdd(peer, made);
        if (connection == made)
        {
            var pause = _pauses.Next(peer);
            context.Tasks.Run(() => made.DialAndRunAsync(pause));
            if (_closed) made.Dispose();
        }
        else
        {
            made.Dispose(); // another thread was first
        }

        return connection;
    }

    /// <summary>
    /// Decides on a peer that has dialled. Messages that wait for it use its channel, unless our own dialling can no longer be cancelled: then the lower
    /// address takes precedence, on both sides. A peer that dials despite an existing connection has lost that connection or never had it, or claims a foreign
    /// address: the peer of the existing connection is probed first.
    /// </summary>
    /// <exception cref="HandshakeException">A live peer has the address already, or the peer may not have it.</exception>
    public async ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer)
    {
        var hello = peer.Hello;
        CheckClaim(peer);
        while (true)
        {
            if (!_byAddress.TryGetValue(hello.Address, out var existing))
            {
                var accepted = Accept(peer);
                if (_byAddress.TryAdd(hello.Address, accepted)) return channel => accepted.RunAsync(channel, peer);
                accepted.Dispose();
                continue;
            }

            if (existing.IsKnownByAnotherName(hello))
            {
                // The peer counts this env as two: keep both connections, and reply over the first. Our own dialling that the first one replaced is completed
                // before: the peer rejects it on arrival, and must not meet it once this one is registered.
                if (existing.OwnDiallingEnded is { IsSet: false } ended)
                {
                    await ended.WhenSetAsync().ConfigureAwait(false);
                    continue;
                }

                await CheckAddressAsync(existing, peer).ConfigureAwait(false);
                var second = Accept(peer);
                return channel => second.RunAsync(channel, peer);
            }

            switch (await existing.TryPromiseAsync(peer, peerWins: DialOrder.GoesBefore(hello.Address, context.Env.Address)).ConfigureAwait(false))
            {
                case true: return channel => existing.RunAsync(channel, peer);
                case false: return null;
                default:
                    await CheckAddressAsync(existing, peer).ConfigureAwait(false);
                    existing.Close("the peer opened a new one");
                    break;
            }
        }
    }

    /// <summary>Completes when the end of all earlier connections with the same peer was reported.</summary>
    public async Task WhenPredecessorsEndedAsync(Connection connection)
    {
        foreach (var earlier in All)
        {
            if (earlier != connection && earlier.HasEnded && earlier.PeerAddresses.Intersect(connection.PeerAddresses).Any())
                await earlier.WhenEndedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Registers a connection for an address, unless it has one.</summary>
    public void Claim(RpcAddress address, Connection connection)
    {
        _byAddress.TryAdd(address, connection);
        if (connection.HasEnded) Remove(connection);
    }

    /// <summary>Whether an address has a connection.</summary>
    public bool IsClaimedBy(RpcAddress address, Connection connection) => _byAddress.TryGetValue(address, out var holder) && holder == connection;

    /// <summary>
    /// Adds an established connection. Messages to its peer use it from now on, unless they already use another one: they continue with that, to keep their
    /// order.
    /// </summary>
    public void Adopt(Connection connection)
    {
        foreach (var address in connection.PeerAddresses)
        {
            Claim(address, connection);
            _pauses.Forget(address);
            _leavers.Forget(address);
        }

        // Not as soon as the table is closed: frames that wait for an opening connection are flushed first.
        if (context.Stopping.IsCancellationRequested) connection.Dispose();
    }

    /// <summary>Sends nothing more over a connection.</summary>
    public void Remove(Connection connection)
    {
        foreach (var address in connection.PeerAddresses) _byAddress.TryRemove(KeyValuePair.Create(address, connection));
    }

    /// <summary>Sends nothing more over a connection, which the peer has closed.</summary>
    public void RemoveLeft(Connection connection)
    {
        // Before the table has room for another connection of the peer, which says that it is back.
        if (!context.Dials) _leavers.Add(connection.PeerAddresses);
        Remove(connection);
    }

    /// <summary>Removes a connection that has ended.</summary>
    public void Forget(Connection connection) => _all.TryRemove(connection.Id, out _);

    /// <summary>Called when a peer could not be reached: the next attempt waits longer.</summary>
    public int CountFailure(RpcAddress peer) => _pauses.CountFailure(peer);

    /// <summary>Accepts no new connection.</summary>
    public void Close() => _closed = true;

    /// <summary>Ends all connections.</summary>
    public void Dispose()
    {
        foreach (var connection in All) connection.Dispose();
        lock (_beatLock)
        {
            _isDisposed = true;
            _beat?.Dispose();
            _beat = null;
        }
    }

    /// <summary>
    /// Refuses a peer that claims an address of another known node. With this env's own address, the env would send to itself, and trust itself. With a
    /// master's address, a peer that proved only an application's secret would receive messages for the master.
    /// </summary>
    private void CheckClaim(PeerIdentity peer)
    {
        var address = peer.Hello.Address;
        if (address == context.Env.Address)
            throw new HandshakeException(
                $"the connecting node claims the address {address}, which is the listening node's own: give each node its own address",
                    tellPeer: true);
        if (!Realms.IsOfNodes(peer.Realm) && context.Channels.Security.IsMaster(address.ToString()))
            throw new HandshakeException(
                $"the connecting node claims the address {address} of a master, but proves only the secret of an application", tellPeer: true);
    }

    /// <summary>
    /// Asks the peer of the connection that stands for an address whether it is the one that connects now. One that does not answer in time keeps its address
    /// until it is found dead: it may only be busy. Where a process has started again, the system of its machine ends what stands of the earlier one as soon as
    /// the question arrives.
    /// </summary>
    private async ValueTask CheckAddressAsync(Connection existing, PeerIdentity peer)
    {
        if (existing.YieldsTo(peer)) return;
        var problem = await existing.AskAboutAsync(peer.Handshake).ConfigureAwait(false) switch
        {
            ProbeResult.Foreign => "is alive and opened no other connection: give each node its own address",
            ProbeResult.Late =>
                $"has not answered yet whether it connects: try again, it keeps the address for {AskTimeout.Format(context.Options.KeepAliveTimeout)} of silence at most (spark.rpc.io.keepAliveTimeout)",
            _ => null,
        };
        if (problem is null) return;
        throw new HandshakeException(
            $"the connecting node claims the address {peer.Hello.Address}, but the node already connected from there {problem}", tellPeer: true);
    }

    private Connection Accept(PeerIdentity peer)
    {
        var accepted = Connection.Accepted(context, this, peer);
        Add(accepted);
        return accepted;
    }

    private void Add(Connection connection)
    {
        _all.TryAdd(connection.Id, connection);
        var interval = context.Options.KeepAliveInterval / 2;
        lock (_beatLock)
        {
            if (!_isDisposed) _beat ??= context.BeatTime.CreateTimer(static state => ((PeerTable)state!).Beat(), this, interval, interval);
        }
    }

    /// <summary>Checks the keep-alives of all connections; stops when no connection is left.</summary>
    private void Beat()
    {
        lock (_beatLock)
        {
            if (_all.IsEmpty)
            {
                _beat?.Dispose();
                _beat = null;
            }
        }

        foreach (var connection in All) connection.Beat();
    }
}
