using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>The endpoints of one env by name, and delivery to them. Safe for all threads.</summary>
internal sealed class Dispatcher(RpcEnv env, ILogger log)
{
    private readonly ConcurrentDictionary<string, Inbox> _inboxes = new(StringComparer.Ordinal);
    private readonly HashSet<Inbox> _live = [];
    private readonly Lock _lock = new();
    private bool _stopped;

    /// <summary>Whether an endpoint of this name takes messages.</summary>
    public bool Contains(string name) => _inboxes.ContainsKey(name);

    /// <summary>Adds an endpoint and starts it.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public void Register(string name, RpcEndpoint endpoint, RpcEndpointRef self)
    {
        var inbox = new Inbox(endpoint, self, log);
        lock (_lock)
        {
            if (_stopped) throw new RpcEnvStoppedException(env.Name);
            if (!_inboxes.TryAdd(name, inbox)) throw new ArgumentException($"There is already an endpoint called '{name}'.", nameof(name));
            _live.Add(inbox);
        }

        try
        {
            endpoint.Attach(env, self);
        }
        catch
        {
            _inboxes.TryRemove(KeyValuePair.Create(name, inbox));
            Forget(inbox);
            inbox.Abandon();
            throw;
        }

        inbox.Activate();
    }

    /// <summary>Takes a name away and lets its endpoint finish.</summary>
    public void Unregister(string name)
    {
        if (_inboxes.TryRemove(name, out var inbox)) Finish(inbox);
    }

    /// <summary>Delivers what was sent; false when there is no such endpoint.</summary>
    public bool Send(string name, object message)
    {
        if (_inboxes.TryGetValue(name, out var inbox) && inbox.Post(new Envelope(EnvelopeKind.Send, message))) return true;
        log.MessageToUnknownEndpoint(message.GetType().Name, name);
        return false;
    }

    /// <summary>Delivers what was asked; fails the call when there is no such endpoint.</summary>
    public void Ask(string name, object message, CallContext call)
    {
        if (_inboxes.TryGetValue(name, out var inbox) && inbox.Post(new Envelope(EnvelopeKind.Ask, message, call))) return;
        call.TrySendFailure(_stopped ? new RpcEnvStoppedException(env.Name) : new EndpointNotFoundException(new RpcEndpointAddress(env.Address, name)));
    }

    /// <summary>Tells all endpoints of a network event.</summary>
    public void PostToAll(EnvelopeKind kind, RpcAddress remote, Exception? error = null)
    {
        foreach (var (_, inbox) in _inboxes) inbox.Post(new Envelope(kind, error, remote));
    }

    /// <summary>Stops all endpoints and waits until their OnStop has run.</summary>
    public async Task StopAsync()
    {
        Inbox[] live;
        lock (_lock)
        {
            _stopped = true;
            live = [.. _live];
        }

        foreach (var name in _inboxes.Keys) Unregister(name);
        await Task.WhenAll(live.Select(inbox => inbox.Stopped)).ConfigureAwait(false);
    }

    private void Finish(Inbox inbox)
    {
        inbox.Stop();
        _ = inbox.Stopped.ContinueWith(static (_, state) => Forget(((Dispatcher, Inbox))state!), (this, inbox), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static void Forget((Dispatcher Owner, Inbox Inbox) entry) => entry.Owner.Forget(entry.Inbox);

    private void Forget(Inbox inbox)
    {
        lock (_lock) _live.Remove(inbox);
    }
}
