using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>The endpoints of one env by name, and delivery to them. Thread-safe.</summary>
internal sealed class Dispatcher(NodeRpcEnv env, TurnScheduler scheduler, ILogger log)
{
    private static readonly TimeSpan LastMoment = TimeSpan.FromMilliseconds(500); // for endpoints in which nothing hangs, after a deadline

    private readonly ConcurrentDictionary<string, Inbox> _inboxes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Inbox, byte> _networkListeners = new();
    private readonly ConcurrentDictionary<Inbox, byte> _stopping = new(); // without a name, but OnStop has not run
    private readonly ConcurrentDictionary<Inbox, TaskCompletionSource<bool>> _ends = new();
    private readonly Lock _lock = new();
    private Random? _random;
    private int _users;
    private int _system;
    private bool _stopped;
    private TaskCompletionSource<bool>? _drained;
    private long _lastIncarnation = env.Incarnation;

    public ILogger Log => log;

    public TimeProvider Time => env.Time;

    public string EnvName => env.Name;

    /// <summary>Returns the endpoint with a name if it is the requested incarnation; 0 matches any.</summary>
    public Inbox? Find(string name, long incarnation) =>
        _inboxes.TryGetValue(name, out var inbox) && (incarnation == 0 || inbox.Self.Incarnation == incarnation) ? inbox : null;

    /// <summary>Adds an endpoint and starts it.</summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public LocalEndpointRef Register(string name, RpcEndpoint endpoint, Func<RpcEndpoint>? factory = null, RestartLimit? limit = null)
    {
        scheduler.Check(endpoint.GetType());
        var self = new LocalEndpointRef(env, name, Interlocked.Increment(ref _lastIncarnation));
        var max = endpoint is ConcurrentRpcEndpoint concurrent ? new ConcurrentHandlers(Math.Max(1, concurrent.MaxConcurrency)) : null;
        var abandoned = endpoint is AsyncRpcEndpoint ? new CancellationTokenSource() : null;
        var extras = max is null && factory is null && abandoned is null
            ? null
            : new InboxExtras { Factory = factory, Limit = limit ?? RestartLimit.Default, Concurrent = max, Abandoned = abandoned };
        Inbox inbox;
        lock (_lock)
        {
            if (_stopped) throw new RpcEnvStoppedException(env.Name);
            if (_inboxes.ContainsKey(name)) throw new ArgumentException($"There is already an endpoint called '{name}'.", nameof(name));
            NodeRpcEnv.Bind(endpoint, self);
            if (abandoned is not null) ((AsyncRpcEndpoint)endpoint).LetAwait(abandoned.Token);
            inbox = new Inbox(this, scheduler.For(name, endpoint is IsolatedRpcEndpoint), self, endpoint, extras);
            self.Home = inbox;
            _inboxes.TryAdd(name, inbox);
            if (NetworkListeners.Contains(endpoint.GetType())) _networkListeners.TryAdd(inbox, 0);
            if (SystemEndpoints.Contains(name)) _system++;
            else _users++;
        }

        inbox.Activate();
        return self;
    }

    /// <summary>Creates the instance for a restart.</summary>
    public static RpcEndpoint Make(Func<RpcEndpoint> factory, LocalEndpointRef self)
    {
        var endpoint = Make(factory, self.Name);
        NodeRpcEnv.Bind(endpoint, self);
        return endpoint;
    }

    /// <summary>Creates an instance.</summary>
    /// <exception cref="InvalidOperationException">The factory returned null.</exception>
    public static RpcEndpoint Make(Func<RpcEndpoint> factory, string name) =>
        factory() ?? throw new InvalidOperationException($"The factory of endpoint '{name}' returned null.");

    /// <summary>Removes a name and lets its endpoint finish.</summary>
    public void Unregister(Inbox inbox)
    {
        if (!inbox.HasFinished) _stopping.TryAdd(inbox, 0);
        _inboxes.TryRemove(KeyValuePair.Create(inbox.Self.Name, inbox));
        inbox.Stop();
        if (inbox.HasFinished) _stopping.TryRemove(inbox, out _);
    }

    /// <summary>An endpoint that has lost its name but has not stopped yet.</summary>
    public Inbox? FindStopping(RpcEndpointRef endpoint) => InOrder(_stopping.Keys).FirstOrDefault(inbox =>
        string.Equals(inbox.Self.Name, endpoint.Name, StringComparison.Ordinal)
            && (endpoint.Incarnation == 0 || inbox.Self.Incarnation == endpoint.Incarnation));

    /// <summary>Completes when OnStop has completed (true) or the endpoint was abandoned (false).</summary>
    public Task<bool> EndOf(Inbox inbox)
    {
        var end = _ends.GetOrAdd(inbox, static (_, env) => env.NewCompletion<bool>(), env);
        if (inbox.HasFinished && _ends.TryRemove(inbox, out _)) end.TrySetResult(true);
        return end.Task;
    }

    /// <summary>Stops waiting for an endpoint that has not stopped; false if it has stopped or was already abandoned.</summary>
    public bool TryAbandon(Inbox inbox)
    {
        TaskCompletionSource<bool>? drained = null;
        bool isFirst;
        lock (_lock)
        {
            if (inbox.HasFinished) return false;
            isFirst = !inbox.IsAbandoned;
            inbox.IsAbandoned = true;
            if (isFirst) drained = CountDown(inbox);
        }

        _ends.TryRemove(inbox, out var end); // before the handler is notified: if it ends at once, the endpoint still counts as abandoned
        if (isFirst)
        {
            log.EndpointAbandoned(inbox.Self.Name);
            inbox.Abandon();
        }

        end?.TrySetResult(false);
        drained?.TrySetResult(true);
        return isFirst;
    }

    /// <summary>A number from 0 to 1 for the pause before a restart.</summary>
    public double NextJitter()
    {
        lock (_lock)
        {
            _random ??= env.NewRandom();
            return _random.NextDouble();
        }
    }

    /// <summary>The reason why a message or an ask to an endpoint of this env was not delivered.</summary>
    public SparkException NotFound(LocalEndpointRef receiver) =>
        _stopped ? new RpcEnvStoppedException(env.Name) : new EndpointNotFoundException(new RpcEndpointAddress(env.Address, receiver.Name));

    /// <summary>Reports a message to an endpoint that does not exist.</summary>
    /// <param name="message">The message.</param>
    /// <param name="name">The endpoint.</param>
    /// <param name="sender">The peer that sent it; null for this env.</param>
    public void ReportUndelivered(object message, string name, RpcAddress? sender) =>
        env.DeadLetters.Report(new DeadLetter(_stopped ? DeadLetterReason.EnvStopped : DeadLetterReason.EndpointNotFound, env.Address)
        {
            Endpoint = name,
            Sender = sender,
            Message = message,
            Description = _stopped ? "the env has stopped" : "no such endpoint, or it has stopped",
        });

    /// <summary>Reports a reply that arrived after its ask had ended.</summary>
    /// <param name="reply">The reply, if it was read.</param>
    /// <param name="sender">The peer that replied.</param>
    public void ReportLateReply(object? reply, RpcAddress sender) =>
        env.DeadLetters.Report(
            new DeadLetter(DeadLetterReason.LateReply, env.Address) { Sender = sender, Message = reply, Description = "the ask had already ended" });

    /// <summary>The length of all inboxes together, and of the longest.</summary>
    public (long Sum, long Max) MeasureInboxes()
    {
        var (sum, max) = (0L, 0L);
        foreach (var (_, inbox) in _inboxes)
        {
            var length = inbox.MeasureLength();
            sum += length;
            max = Math.Max(max, length);
        }

        return (sum, max);
    }

    /// <summary>Notifies all endpoints that handle network events.</summary>
    public void PostToAll(Action<RpcEndpoint> tell)
    {
        foreach (var inbox in InOrder(_networkListeners.Keys)) inbox.Post(new EventEnvelope(inbox, inbox.Generation, tell));
    }

    /// <summary>Called when OnStop has completed.</summary>
    public void Finished(Inbox inbox, bool observed)
    {
        _networkListeners.TryRemove(inbox, out _);
        _stopping.TryRemove(inbox, out _);
        if (observed) Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.LocalEndpointStopped(inbox.Self)));
        TaskCompletionSource<bool>? drained;
        lock (_lock) drained = inbox.IsAbandoned ? null : CountDown(inbox);
        if (_ends.TryRemove(inbox, out var end)) end.TrySetResult(true);
        drained?.TrySetResult(true);
    }

    /// <summary>Drops the watches of an endpoint, since another instance replaces it.</summary>
    public void ForgetWatches(Inbox inbox) => Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.WatcherRestarted(inbox.Self)));

    public void Escalate(LocalEndpointRef endpoint, Exception error) => env.Escalate(endpoint, error);

    /// <summary>
    /// Stops the program's endpoints, or the framework's own, and waits until their OnStop has completed. The framework's stop last, so that they can report
    /// the end of the others.
    /// </summary>
    /// <param name="system">Whether to stop the framework's own.</param>
    /// <param name="giveUp">Stops the waiting: endpoints that are still running are abandoned.</param>
    /// <returns>The names of the abandoned endpoints.</returns>
    public async Task<IReadOnlyList<string>> StopAsync(bool system, CancellationToken giveUp)
    {
        var drained = env.NewCompletion<bool>();
        lock (_lock)
        {
            _stopped = true;
            _drained = drained;
            if ((system ? _system : _users) == 0) return [];
        }

        foreach (var inbox in InOrder(_inboxes.Values))
        {
            if (SystemEndpoints.Contains(inbox.Self.Name) == system) Unregister(inbox);
        }

        await ((Task)drained.Task).WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!drained.Task.IsCompleted)
            await ((Task)drained.Task).WaitAsync(LastMoment, env.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (drained.Task.IsCompleted) return [];
        return [.. InOrder(_stopping.Keys).Where(inbox => SystemEndpoints.Contains(inbox.Self.Name) == system && TryAbandon(inbox))
            .Select(inbox => inbox.Self.Name)];
    }

    /// <summary>Decrements the number of endpoints to wait for; call under the lock.</summary>
    private TaskCompletionSource<bool>? CountDown(Inbox inbox) =>
        (SystemEndpoints.Contains(inbox.Self.Name) ? --_system == 0 : --_users == 0) ? _drained : null;

    // In the order of registration: the order of the hash table differs between processes, and a simulation must be repeatable.
    private static IEnumerable<Inbox> InOrder(ICollection<Inbox> inboxes) => inboxes.OrderBy(static inbox => inbox.Self.Incarnation);
}
