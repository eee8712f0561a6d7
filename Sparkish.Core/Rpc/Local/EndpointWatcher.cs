namespace Sparkish.Rpc.Local;

/// <summary>
/// Tracks the watches of all endpoints of one env, and exchanges them with the watchers of its peers. A watch of a remote endpoint is kept by that endpoint's
/// env. It ends with a reply or with the connection on which it was agreed, whichever comes first; other connections with the same address do not affect it.
/// All of it is plain state: the dispatcher and the connections report ends to it.
/// </summary>
internal sealed class EndpointWatcher(NodeRpcEnv env, Dispatcher dispatcher) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "endpoint-watcher";

    // A peer knows an endpoint by few names: this env's own address and the dialled ones, each with and without the incarnation.
    private const int MaxNamesPerConnection = 32;

    private static readonly TimeSpan NoticePause = TimeSpan.FromSeconds(1);

    // Endpoints of this env, with their watchers: endpoints here, or the watchers of peers.
    private readonly Dictionary<RpcEndpointRef, HashSet<WatchHere>> _here = [];

    // Endpoints elsewhere, with their watchers here.
    private readonly Dictionary<RpcEndpointRef, WatchElsewhere> _elsewhere = [];

    // The watched endpoints of each endpoint of this env.
    private readonly Dictionary<RpcEndpointRef, HashSet<RpcEndpointRef>> _watched = [];

    // The instance that made a watcher's watches, if it is not the first: its successor must not receive a pending termination.
    private readonly Dictionary<RpcEndpointRef, int> _generations = [];

    public override void Receive(object message)
    {
        switch (message)
        {
            case LocalWatch m: OnLocalWatch(m.Watcher, m.Endpoint, m.Generation); break;
            case LocalUnwatch m: OnLocalUnwatch(m.Watcher, m.Endpoint); break;
            case LocalEndpointStopped m: OnLocalEndpointStopped(m.Endpoint); break;
            case WatcherRestarted m: ForgetWatcher(m.Watcher); break;
            case ConnectionEnded m: OnConnectionEnded(m.Connection); break;
            case UnwatchEndpoint m when IsWatcherOf(Sender, m.Watcher): RemoveHere(m.Watcher, m.Endpoint); break;
            case UnwatchEndpoint: break; // the watches of another env do not concern the peer
            case WatchAnswered m: OnWatchAnswered(m); break;
            case WatchFailed m: OnWatchFailed(m.Watch); break;
            case NoticeDue m: Notify(m.Watch, m.Notice); break;
            case Done: break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case WatchEndpoint m: OnWatchEndpoint(m, call); break;
            case WatchedEndpointStopped m: OnWatchedEndpointStopped(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    private void OnLocalWatch(RpcEndpointRef watcher, RpcEndpointRef endpoint, int generation)
    {
        var given = Env.RefTo(new RpcEndpointAddress(endpoint.Address, endpoint.Name), endpoint.Incarnation);
        if (dispatcher.Find(watcher.Name, watcher.Incarnation) is not { } inbox || !inbox.Observe()) return;
        if (generation != 0) _generations[watcher] = generation;
        if (!SetOf(_watched, watcher).Add(given)) return;
        if (given.Address == Env.Address) AddHere(watcher, given);
        else if (_elsewhere.TryGetValue(given, out var watch)) watch.Watchers.Add(watcher);
        else AskToWatch(watcher, given);
    }

    private void AskToWatch(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        var watch = new WatchElsewhere(given);
        watch.Watchers.Add(watcher);
        _elsewhere.Add(given, watch);
        var asked = PartnerOf(given).AskAsync<OverConnection>(new WatchEndpoint(given, Self));
        PipeToSelf(asked, answer => new WatchAnswered(watch, answer.Connection, answer.Reply is true), _ => new WatchFailed(watch));
    }

    private void OnWatchAnswered(WatchAnswered message)
    {
        var watch = message.Watch;
        if (!IsCurrent(watch)) return;
        watch.Connection = message.Connection;
        if (!message.IsThere) End(watch, TerminationCause.NotFound);
        else if (!env.IsConnected(message.Connection)) End(watch, TerminationCause.NodeGone);
    }

    private void OnWatchFailed(WatchElsewhere watch)
    {
        if (IsCurrent(watch)) End(watch, TerminationCause.NodeGone);
    }

    private void OnWatchEndpoint(WatchEndpoint message, RpcCallContext call)
    {
        if (!IsWatcherOf(call.Peer, message.Watcher))
        {
            call.SendFailure(new SparkException($"{message.Watcher} does not belong to {call.Peer!.Address}: an env may watch for its own '{EndpointName}' only."));
            return;
        }

        var connection = call.Call is InboundAsk inbound ? inbound.Connection.Id : 0;
        var inbox = dispatcher.Find(message.Endpoint.Name, message.Endpoint.Incarnation);
        var found = inbox is not null && inbox.Observe();
        if (found && env.IsConnected(connection) && !TryAddHere(inbox!.Self, new WatchHere(message.Watcher, message.Endpoint, connection)))
        {
            call.SendFailure(new SparkException($"{inbox.Self} is already watched over this connection under {MaxNamesPerConnection} names."));
            return;
        }

        call.Reply(found);
    }

    /// <summary>Adds a watch of a peer, unless it exists already. The number of endpoints here bounds the memory of its watches.</summary>
    private bool TryAddHere(RpcEndpointRef endpoint, WatchHere watch)
    {
        var watches = SetOf(_here, endpoint);
        if (watches.Contains(watch)) return true;
        return watches.Count(other => other.Connection == watch.Connection) < MaxNamesPerConnection && watches.Add(watch);
    }

    /// <summary>Whether a ref is the watcher of the env that a message came from. Without a peer the env cannot distinguish its peers.</summary>
    private static bool IsWatcherOf(RpcPeer? peer, RpcEndpointRef? watcher) =>
        peer is null || (watcher is not null && watcher.Address == peer.Address && watcher.Name == EndpointName);

    private void AddHere(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        var inbox = dispatcher.Find(given.Name, given.Incarnation);
        if (inbox is not null && inbox.Observe()) SetOf(_here, inbox.Self).Add(new WatchHere(watcher, given, 0));
        else Tell(watcher, given, TerminationCause.NotFound);
    }

    private void OnLocalUnwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        var given = Env.RefTo(new RpcEndpointAddress(endpoint.Address, endpoint.Name), endpoint.Incarnation);
        if (Remove(_watched, watcher, given)) RemoveWatch(watcher, given);
    }

    private void RemoveWatch(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        if (given.Address == Env.Address)
        {
            RemoveHere(watcher, given);
        }
        else if (_elsewhere.TryGetValue(given, out var watch) && watch.Watchers.Remove(watcher) && watch.Watchers.Count == 0)
        {
            _elsewhere.Remove(given);
            PartnerOf(given).Send(new UnwatchEndpoint(given, Self));
        }
    }

    private void RemoveHere(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        if (dispatcher.Find(given.Name, given.Incarnation) is not { } inbox || !_here.TryGetValue(inbox.Self, out var watches)) return;
        watches.RemoveWhere(watch => watch.Watcher.Equals(watcher) && watch.Given.Equals(given));
        if (watches.Count == 0) _here.Remove(inbox.Self);
    }

    private void OnLocalEndpointStopped(RpcEndpointRef endpoint)
    {
        if (_here.Remove(endpoint, out var watches))
        {
            foreach (var watch in watches) TellOfEnd(watch);
        }

        ForgetWatcher(endpoint);
    }

    private void TellOfEnd(WatchHere watch)
    {
        if (watch.Connection == 0) Tell(watch.Watcher, watch.Given, TerminationCause.Stopped);
        else Notify(watch, new WatchedEndpointStopped(watch.Given, TerminationCause.Stopped));
    }

    private void ForgetWatcher(RpcEndpointRef watcher)
    {
        _generations.Remove(watcher);
        if (!_watched.Remove(watcher, out var watched)) return;
        foreach (var given in watched) RemoveWatch(watcher, given);
    }

    private void OnWatchedEndpointStopped(WatchedEndpointStopped message, RpcCallContext call)
    {
        if (_elsewhere.TryGetValue(message.Endpoint, out var watch)) End(watch, message.Cause);
        call.Reply(true);
    }

    private void OnConnectionEnded(long connection)
    {
        foreach (var watch in _elsewhere.Values.Where(watch => watch.Connection == connection).ToList()) End(watch, TerminationCause.NodeGone);
        foreach (var (endpoint, watches) in _here.ToList())
        {
            watches.RemoveWhere(watch => watch.Connection == connection);
            if (watches.Count == 0) _here.Remove(endpoint);
        }
    }

    /// <summary>Notifies all local watchers of a remote endpoint that it has terminated.</summary>
    private void End(WatchElsewhere watch, TerminationCause cause)
    {
        _elsewhere.Remove(watch.Given);
        foreach (var watcher in watch.Watchers) Tell(watcher, watch.Given, cause);
    }

    private void Tell(RpcEndpointRef watcher, RpcEndpointRef given, TerminationCause cause)
    {
        Remove(_watched, watcher, given);
        var terminated = new EndpointTerminated(given, cause);
        if (dispatcher.Find(watcher.Name, watcher.Incarnation) is { } inbox)
            inbox.Post(new EventEnvelope(inbox, _generations.GetValueOrDefault(watcher), endpoint => endpoint.Receive(terminated)));
    }

    /// <summary>Notifies a peer's watcher and retries while the connection of its watch lasts; if that has ended, the peer knows.</summary>
    private void Notify(WatchHere watch, WatchedEndpointStopped notice)
    {
        if (!env.IsConnected(watch.Connection)) return;
        PipeToSelf(watch.Watcher.AskAsync<OverConnection>(notice), static _ => new Done(), error =>
        {
            if (error is RpcOutboxFullException or RpcTimeoutException or RpcConnectionException)
                Env.ScheduleOnce(NoticePause, Self, new NoticeDue(watch, notice));
            return new Done();
        });
    }

    /// <summary>Whether a watch is the current one: a reply to an earlier watch of the same endpoint does not apply to it.</summary>
    private bool IsCurrent(WatchElsewhere watch) => _elsewhere.TryGetValue(watch.Given, out var current) && current == watch;

    private RpcEndpointRef PartnerOf(RpcEndpointRef endpoint) => Env.RefTo(new RpcEndpointAddress(endpoint.Address, EndpointName));

    private static HashSet<T> SetOf<T>(Dictionary<RpcEndpointRef, HashSet<T>> sets, RpcEndpointRef key)
    {
        if (!sets.TryGetValue(key, out var set)) sets.Add(key, set = []);
        return set;
    }

    private static bool Remove<T>(Dictionary<RpcEndpointRef, HashSet<T>> sets, RpcEndpointRef key, T item)
    {
        if (!sets.TryGetValue(key, out var set) || !set.Remove(item)) return false;
        if (set.Count == 0) sets.Remove(key);
        return true;
    }

    /// <summary>A watch of an endpoint of this env.</summary>
    /// <param name="Watcher">An endpoint here, or the watcher of a peer.</param>
    /// <param name="Given">The ref as given by the watcher.</param>
    /// <param name="Connection">The connection over which a peer asked; 0 for a watcher here.</param>
    private sealed record WatchHere(RpcEndpointRef Watcher, RpcEndpointRef Given, long Connection);

    /// <summary>The watch of a remote endpoint, shared by all its watchers here.</summary>
    private sealed class WatchElsewhere(RpcEndpointRef given)
    {
        public RpcEndpointRef Given => given;

        public HashSet<RpcEndpointRef> Watchers { get; } = [];

        /// <summary>The connection on which the watch was agreed; 0 until then.</summary>
        public long Connection { get; set; }
    }

    // From this env

    /// <summary>Sent when an endpoint of this env starts to watch another one.</summary>
    internal sealed record LocalWatch(RpcEndpointRef Watcher, int Generation, RpcEndpointRef Endpoint);

    /// <summary>Sent when an endpoint of this env stops watching another one.</summary>
    internal sealed record LocalUnwatch(RpcEndpointRef Watcher, RpcEndpointRef Endpoint);

    /// <summary>An endpoint of this env that watches or is watched has stopped.</summary>
    internal sealed record LocalEndpointStopped(RpcEndpointRef Endpoint);

    /// <summary>Sent when an endpoint of this env was restarted: the watches of the old instance are dropped.</summary>
    internal sealed record WatcherRestarted(RpcEndpointRef Watcher);

    /// <summary>Sent when a connection has ended; nothing arrives on it any more.</summary>
    internal sealed record ConnectionEnded(long Connection);

    private sealed record WatchAnswered(WatchElsewhere Watch, long Connection, bool IsThere);

    private sealed record WatchFailed(WatchElsewhere Watch);

    private sealed record NoticeDue(WatchHere Watch, WatchedEndpointStopped Notice);

    private sealed record Done;
}

/// <summary>The reply of a peer's watcher, and the connection on which it arrived.</summary>
internal sealed record OverConnection(long Connection, object? Reply);
