namespace Sparkish.Rpc.Local;

/// <summary>
/// Who watches whom, for all endpoints of one env, and the partner of its peers' watchers. A watch of an endpoint elsewhere is kept there; it ends with
/// an answer, or with the connection, whichever comes first. All of it is plain state: told of ends by the dispatcher and of peers by network events.
/// </summary>
internal sealed class EndpointWatcher(Dispatcher dispatcher) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "endpoint-watcher";

    private static readonly TimeSpan NoticePause = TimeSpan.FromSeconds(1);

    // Endpoints of this env, with who watches them (endpoints here, or the watchers of peers) and by which ref.
    private readonly Dictionary<RpcEndpointRef, HashSet<(RpcEndpointRef Watcher, RpcEndpointRef Given)>> _here = [];

    // Endpoints elsewhere, with who watches them from here.
    private readonly Dictionary<RpcEndpointRef, HashSet<RpcEndpointRef>> _elsewhere = [];

    // What each endpoint of this env watches.
    private readonly Dictionary<RpcEndpointRef, HashSet<RpcEndpointRef>> _watched = [];

    // Which instance of a watcher its watches are of, where that is not the first: the one after it gets no end that was on its way.
    private readonly Dictionary<RpcEndpointRef, int> _generations = [];

    public override void Receive(object message)
    {
        switch (message)
        {
            case LocalWatch m: OnLocalWatch(m.Watcher, m.Endpoint, m.Generation); break;
            case LocalUnwatch m: OnLocalUnwatch(m.Watcher, m.Endpoint); break;
            case LocalEndpointStopped m: OnLocalEndpointStopped(m.Endpoint); break;
            case WatcherRestarted m: ForgetWatcher(m.Watcher); break;
            case UnwatchEndpoint m: RemoveHere(m.Watcher, m.Endpoint); break;
            case WatchFailed m: End(m.Endpoint, m.Cause); break;
            case NoticeDue m: Notify(m.Watcher, m.Notice); break;
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

    public override void OnDisconnected(RpcAddress remote) => OnPeerGone(remote);

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        if (error is not RpcOutboxFullException) OnPeerGone(remote);
    }

    private void OnLocalWatch(RpcEndpointRef watcher, RpcEndpointRef endpoint, int generation)
    {
        var given = Env.RefTo(new RpcEndpointAddress(endpoint.Address, endpoint.Name), endpoint.Incarnation);
        if (dispatcher.Find(watcher.Name, watcher.Incarnation) is not { } inbox || !inbox.Observe()) return;
        if (generation != 0) _generations[watcher] = generation;
        if (!SetOf(_watched, watcher).Add(given)) return;
        if (given.Address == Env.Address) AddHere(watcher, given);
        else if (SetOf(_elsewhere, given).Add(watcher) && _elsewhere[given].Count == 1) AskToWatch(given);
    }

    private void AskToWatch(RpcEndpointRef given)
    {
        var asked = PartnerOf(given).AskAsync<bool>(new WatchEndpoint(given, Self));
        PipeToSelf(asked, found => found ? new Done() : new WatchFailed(given, TerminationCause.NotFound), _ => new WatchFailed(given, TerminationCause.NodeGone));
    }

    private void OnWatchEndpoint(WatchEndpoint message, RpcCallContext call)
    {
        var inbox = dispatcher.Find(message.Endpoint.Name, message.Endpoint.Incarnation);
        var found = inbox is not null && inbox.Observe();
        if (found) SetOf(_here, inbox!.Self).Add((message.Watcher, message.Endpoint));
        call.Reply(found);
    }

    private void AddHere(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        var inbox = dispatcher.Find(given.Name, given.Incarnation);
        if (inbox is not null && inbox.Observe()) SetOf(_here, inbox.Self).Add((watcher, given));
        else Tell(watcher, given, TerminationCause.NotFound);
    }

    private void OnLocalUnwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        var given = Env.RefTo(new RpcEndpointAddress(endpoint.Address, endpoint.Name), endpoint.Incarnation);
        if (Remove(_watched, watcher, given)) RemoveWatch(watcher, given);
    }

    private void RemoveWatch(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        if (given.Address == Env.Address) RemoveHere(watcher, given);
        else if (Remove(_elsewhere, given, watcher) && !_elsewhere.ContainsKey(given)) PartnerOf(given).Send(new UnwatchEndpoint(given, Self));
    }

    private void RemoveHere(RpcEndpointRef watcher, RpcEndpointRef given)
    {
        if (dispatcher.Find(given.Name, given.Incarnation) is { } inbox) Remove(_here, inbox.Self, (watcher, given));
    }

    private void OnLocalEndpointStopped(RpcEndpointRef endpoint)
    {
        if (_here.Remove(endpoint, out var watches))
        {
            foreach (var (watcher, given) in watches) Tell(watcher, given, TerminationCause.Stopped);
        }

        ForgetWatcher(endpoint);
    }

    private void ForgetWatcher(RpcEndpointRef watcher)
    {
        _generations.Remove(watcher);
        if (!_watched.Remove(watcher, out var watched)) return;
        foreach (var given in watched) RemoveWatch(watcher, given);
    }

    private void OnWatchedEndpointStopped(WatchedEndpointStopped message, RpcCallContext call)
    {
        End(message.Endpoint, message.Cause);
        call.Reply(true);
    }

    private void OnPeerGone(RpcAddress peer)
    {
        foreach (var given in _elsewhere.Keys.Where(given => given.Address == peer).ToList()) End(given, TerminationCause.NodeGone);
        foreach (var (endpoint, watches) in _here.ToList())
        {
            watches.RemoveWhere(watch => watch.Watcher.Address == peer);
            if (watches.Count == 0) _here.Remove(endpoint);
        }
    }

    /// <summary>An endpoint elsewhere is gone: all who watch it from here are told.</summary>
    private void End(RpcEndpointRef given, TerminationCause cause)
    {
        if (!_elsewhere.Remove(given, out var watchers)) return;
        foreach (var watcher in watchers) Tell(watcher, given, cause);
    }

    private void Tell(RpcEndpointRef watcher, RpcEndpointRef given, TerminationCause cause)
    {
        if (watcher.Address != Env.Address)
        {
            Notify(watcher, new WatchedEndpointStopped(given, cause));
            return;
        }

        Remove(_watched, watcher, given);
        var terminated = new EndpointTerminated(given, cause);
        if (dispatcher.Find(watcher.Name, watcher.Incarnation) is { } inbox)
            inbox.Post(new EventEnvelope(inbox, _generations.GetValueOrDefault(watcher), endpoint => endpoint.Receive(terminated)));
    }

    /// <summary>Tells a peer's watcher, again if its connection has no room; if its connection is gone it knows.</summary>
    private void Notify(RpcEndpointRef watcher, WatchedEndpointStopped notice) => PipeToSelf(
        watcher.AskAsync<bool>(notice), static _ => new Done(), error =>
        {
            if (error is RpcOutboxFullException or RpcTimeoutException) Env.ScheduleOnce(NoticePause, Self, new NoticeDue(watcher, notice));
            return new Done();
        });

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

    // From this env

    /// <summary>An endpoint of this env wants to be told of the end of another one.</summary>
    internal sealed record LocalWatch(RpcEndpointRef Watcher, int Generation, RpcEndpointRef Endpoint);

    /// <summary>It does not want that any more.</summary>
    internal sealed record LocalUnwatch(RpcEndpointRef Watcher, RpcEndpointRef Endpoint);

    /// <summary>An endpoint of this env that watches or is watched has stopped.</summary>
    internal sealed record LocalEndpointStopped(RpcEndpointRef Endpoint);

    /// <summary>An endpoint of this env was restarted: what the old instance watched is forgotten.</summary>
    internal sealed record WatcherRestarted(RpcEndpointRef Watcher);

    private sealed record WatchFailed(RpcEndpointRef Endpoint, TerminationCause Cause);

    private sealed record NoticeDue(RpcEndpointRef Watcher, WatchedEndpointStopped Notice);

    private sealed record Done;
}
