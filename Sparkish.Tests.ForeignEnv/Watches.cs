using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>
/// Who watches whom on one env. Both halves of a watch are here: what endpoints of this env watch, and who watches them. A watch is taken where the
/// watched endpoint lives, in order with messages on the same link, and its end travels back the same way.
/// </summary>
internal sealed class Watches(ChannelRpcEnv env)
{
    // What endpoints of this env watch; and the watches of endpoints of this env, with the mailbox that each is of.
    private readonly HashSet<(RpcEndpointRef Watcher, RpcEndpointRef Watched)> _from = [];
    private readonly Dictionary<(RpcEndpointRef Watcher, RpcEndpointRef Watched), Mailbox> _of = [];
    private readonly Lock _lock = new();

    /// <summary>An endpoint of this env begins to watch another one.</summary>
    public void Begin(RpcEndpointRef watcher, RpcEndpointRef watched)
    {
        lock (_lock)
        {
            if (!_from.Add((watcher, watched))) return;
        }

        if (watched.Address == env.Address) Take(watcher, watched);
        else if (!env.Links.TrySendWatch(FrameKind.Watch, watched.Address, watcher, watched)) Tell(watcher, watched, TerminationCause.NodeGone);
    }

    /// <summary>An endpoint of this env watches another one no more.</summary>
    public void End(RpcEndpointRef watcher, RpcEndpointRef watched)
    {
        lock (_lock)
        {
            if (!_from.Remove((watcher, watched))) return;
        }

        if (watched.Address == env.Address) Drop(watcher, watched);
        else env.Links.TrySendWatch(FrameKind.Unwatch, watched.Address, watcher, watched);
    }

    /// <summary>Takes a watch of an endpoint of this env; tells at once if it is not there.</summary>
    public void Take(RpcEndpointRef watcher, RpcEndpointRef watched)
    {
        var mailbox = env.Find(watched);
        lock (_lock)
        {
            if (mailbox is { HasEnded: false }) _of[(watcher, watched)] = mailbox;
            else mailbox = null;
        }

        if (mailbox is null) Report(watcher, watched, TerminationCause.NotFound);
    }

    /// <summary>Forgets a watch of an endpoint of this env.</summary>
    public void Drop(RpcEndpointRef watcher, RpcEndpointRef watched)
    {
        lock (_lock) _of.Remove((watcher, watched));
    }

    /// <summary>Tells an endpoint of this env, if it is still the instance that watches, that one that it watched is gone.</summary>
    public void Tell(RpcEndpointRef watcher, RpcEndpointRef watched, TerminationCause cause)
    {
        lock (_lock)
        {
            if (_from.Remove((watcher, watched))) env.Find(watcher)?.PostToInstance(endpoint => endpoint.Receive(new EndpointTerminated(watched, cause)));
        }
    }

    /// <summary>An instance of this env is gone: it watches nothing any more.</summary>
    public void Forget(RpcEndpointRef watcher)
    {
        RpcEndpointRef[] watched;
        lock (_lock) watched = [.. _from.Where(watch => watch.Watcher.Equals(watcher)).Select(watch => watch.Watched)];
        foreach (var endpoint in watched) End(watcher, endpoint);
    }

    /// <summary>An endpoint of this env has ended: its watchers are told.</summary>
    public void Ended(Mailbox mailbox)
    {
        (RpcEndpointRef Watcher, RpcEndpointRef Watched)[] watches;
        lock (_lock)
        {
            mailbox.HasEnded = true;
            watches = [.. _of.Where(watch => watch.Value == mailbox).Select(watch => watch.Key)];
            foreach (var watch in watches) _of.Remove(watch);
        }

        foreach (var (watcher, watched) in watches) Report(watcher, watched, TerminationCause.Stopped);
    }

    /// <summary>A link has ended: its peer's endpoints are gone, those that are watched and those that watch.</summary>
    public void LinkEnded(RpcAddress peer)
    {
        (RpcEndpointRef Watcher, RpcEndpointRef Watched)[] gone;
        lock (_lock)
        {
            foreach (var watch in _of.Keys.Where(watch => watch.Watcher.Address == peer).ToList()) _of.Remove(watch);
            gone = [.. _from.Where(watch => watch.Watched.Address == peer)];
        }

        foreach (var (watcher, watched) in gone) Tell(watcher, watched, TerminationCause.NodeGone);
    }

    private void Report(RpcEndpointRef watcher, RpcEndpointRef watched, TerminationCause cause)
    {
        if (watcher.Address == env.Address) Tell(watcher, watched, cause);
        else env.Links.TrySendWatch(FrameKind.Terminated, watcher.Address, watcher, watched, cause);
    }
}
