using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>The endpoints of one env by name, and delivery to them. Safe for all threads.</summary>
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

    /// <summary>The endpoint that has a name, if it is the incarnation that is asked for; 0 is any.</summary>
    public Inbox? Find(string name, long incarnation) =>
        _inboxes.TryGetValue(name, out var inbox) && (incarnation == 0 || inbox.Self.Incarnation == incarnation) ? inbox : null;

    /// <summary>Adds an endpoint and starts it.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="RpcEnvStoppedException">The env is shut down.</exception>
    public LocalEndpointRef Register(string name, RpcEndpoint endpoint, Func<RpcEndpoint>? factory = null, RestartLimit? limit = null)
    {
        scheduler.Check(endpoint.GetType());
        var self = new LocalEndpointRef(env, name, Interlocked.Increment(ref _lastIncarnation));
        var isolated = endpoint is IsolatedRpcEndpoint;
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
            inbox = new Inbox(this, isolated ? scheduler.Isolated(name) : scheduler, self, endpoint, extras);
            self.Home = inbox;
            _inboxes.TryAdd(name, inbox);
            if (NetworkListeners.Contains(endpoint.GetType())) _networkListeners.TryAdd(inbox, 0);
            if (SystemEndpoints.Contains(name)) _system++;
            else _users++;
        }

        inbox.Activate();
        return self;
    }

    /// <summary>Makes the instance that a restart puts in place.</summary>
    public static RpcEndpoint Make(Func<RpcEndpoint> factory, LocalEndpointRef self)
    {
        var endpoint = Make(factory, self.Name);
        NodeRpcEnv.Bind(endpoint, self);
        return endpoint;
    }

    /// <summary>Makes an instance.</summary>
    /// <exception cref="InvalidOperationException">The factory returned null.</exception>
    public static RpcEndpoint Make(Func<RpcEndpoint> factory, string name) =>
        factory() ?? throw new InvalidOperationException($"The factory of endpoint '{name}' returned null.");

    /// <summary>Takes a name away and lets its endpoint finish.</summary>
    public void Unregister(Inbox inbox)
    {
        if (!inbox.HasFinished) _stopping.TryAdd(inbox, 0);
        _inboxes.TryRemove(KeyValuePair.Create(inbox.Self.Name, inbox));
        inbox.Stop();
        if (inbox.HasFinished) _stopping.TryRemove(inbox, out _);
    }

    /// <summary>An endpoint that has no name any more, but has not stopped yet.</summary>
    public Inbox? FindStopping(RpcEndpointRef endpoint) => InOrder(_stopping.Keys).FirstOrDefault(inbox =>
        string.Equals(inbox.Self.Name, endpoint.Name, StringComparison.Ordinal)
            && (endpoint.Incarnation == 0 || inbox.Self.Incarnation == endpoint.Incarnation));

    /// <summary>Completes when OnStop has run (true) or the endpoint was abandoned (false).</summary>
    public Task<bool> EndOf(Inbox inbox)
    {
        var end = _ends.GetOrAdd(inbox, static (_, env) => env.NewCompletion<bool>(), env);
        if (inbox.HasFinished && _ends.TryRemove(inbox, out _)) end.TrySetResult(true);
        return end.Task;
    }

    /// <summary>Waits no longer for an endpoint that has not stopped; false if it has, or was abandoned before.</summary>
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

        _ends.TryRemove(inbox, out var end); // before the handler is told: when it gives up at once, the endpoint was abandoned all the same
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

    /// <summary>Why a message or question to an endpoint of this env was not delivered.</summary>
    public SparkException NotFound(LocalEndpointRef receiver) =>
        _stopped ? new RpcEnvStoppedException(env.Name) : new EndpointNotFoundException(new RpcEndpointAddress(env.Address, receiver.Name));

    /// <summary>Reports what was sent to an endpoint that is not there.</summary>
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

    /// <summary>Reports a reply that came after its ask had ended.</summary>
    /// <param name="reply">The reply, if it was read.</param>
    /// <param name="sender">The peer that replied.</param>
    public void ReportLateReply(object? reply, RpcAddress sender) =>
        env.DeadLetters.Report(
            new DeadLetter(DeadLetterReason.LateReply, env.Address) { Sender = sender, Message = reply, Description = "the ask had ended before" });

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

    /// <summary>Tells all endpoints that care of a network event.</summary>
    public void PostToAll(Action<RpcEndpoint> tell)
    {
        foreach (var inbox in InOrder(_networkListeners.Keys)) inbox.Post(new EventEnvelope(inbox, inbox.Generation, tell));
    }

    /// <summary>OnStop has run.</summary>
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

    /// <summary>Forgets what an endpoint watches, since another instance takes its place.</summary>
    public void ForgetWatches(Inbox inbox) => Find(EndpointWatcher.EndpointName, 0)?.Post(new SendEnvelope(new EndpointWatcher.WatcherRestarted(inbox.Self)));

    public void Escalate(LocalEndpointRef endpoint, Exception error) => env.Escalate(endpoint, error);

    /// <summary>
    /// Stops the program's endpoints, or the framework's own, and waits until their OnStop has run. The framework's stop last, so that they can tell of the
    /// others.
    /// </summary>
    /// <param name="system">Which of both.</param>
    /// <param name="giveUp">Ends the waiting: endpoints that have not stopped are abandoned.</param>
    /// <returns>The names of the abandoned ones.</returns>
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

    /// <summary>One endpoint less to wait for; under the lock.</summary>
    private TaskCompletionSource<bool>? CountDown(Inbox inbox) =>
        (SystemEndpoints.Contains(inbox.Self.Name) ? --_system == 0 : --_users == 0) ? _drained : null;

    // In the order of registration: that of the hash table is another one in each process, and a simulation must repeat itself.
    private static IEnumerable<Inbox> InOrder(ICollection<Inbox> inboxes) => inboxes.OrderBy(static inbox => inbox.Self.Incarnation);
}
