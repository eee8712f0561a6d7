using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Deployment;
using Sparkish.Rpc.Files;
using Sparkish.Rpc.Sockets;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>
/// A complete env whose peers live in the same process: messages between envs cross channels as bytes, local ones go by reference, streams have sockets of
/// their own at the env's address. It is written as another package would write one, over what <c>Sparkish.Core</c> offers to everybody.
/// </summary>
public sealed class ChannelRpcEnv : RpcEnv
{
    private readonly Dictionary<string, Mailbox> _named = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Mailbox, byte> _running = new();
    private readonly ConcurrentDictionary<Ask, byte> _asks = new();
    private readonly TaskCompletionSource _termination = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BulkSockets _streams;
    private readonly EndpointDeployments _deployments;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly List<ShutdownFailure> _failures = [];
    private string[] _abandoned = [];
    private Exception? _escalated;
    private long _lastIncarnation;
    private volatile bool _closed;
    private int _disposed;

    internal ChannelRpcEnv(RpcEnvOptions options)
    {
        (Name, Conf, Time, LoggerFactory) = (options.Name, options.Conf, options.Time, options.LoggerFactory);
        Incarnation = _lastIncarnation = RandomNumberGenerator.GetInt32(1, int.MaxValue) * 1_000_000L;
        _log = LoggerFactory.CreateLogger<ChannelRpcEnv>();
        _streams = BulkSockets.Start(options, Bulk);
        Address = _streams.Address;
        SerializationContext = new RpcSerializationContext(this) { Types = options.UserTypes };
        Types = new DeploymentTypes(SerializationContext);
        AskTimeout = CoreKeys.TimeoutOf(Conf, CoreKeys.AskTimeout);
        FileServer = new RpcEnvFileServer(Bulk, () => Address.Port != 0
            ? Address.ToSparkUrl()
            : throw new SparkException($"RpcEnv '{Name}' does not listen, so no peer could fetch files from it."));
        Links = new Links(this, new MessageFormat(options.Messages), Conf.Get(CoreKeys.MessageMaxSize));
        Watches = new Watches(this);
        _deployments = EndpointDeployments.Start(this, Types);
        if (options.Listen) Switchboard.Add(this);
    }

    public override string Name { get; }

    public override RpcAddress Address { get; }

    public override long Incarnation { get; }

    public override SparkConf Conf { get; }

    public override TimeProvider Time { get; }

    public override ILoggerFactory LoggerFactory { get; }

    public override SerializationContext SerializationContext { get; }

    public override BulkServer Bulk { get; } = new();

    public override RpcEnvFileServer FileServer { get; }

    public override Task Termination => _termination.Task;

    internal DeploymentTypes Types { get; }

    internal (TimeSpan Timeout, string? Key) AskTimeout { get; }

    internal Links Links { get; }

    internal Watches Watches { get; }

    internal bool IsClosed => _closed;

    public override RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint) => Register(name, endpoint, null, RestartLimit.Default);

    public override RpcEndpointRef SetupEndpoint(string name, Func<RpcEndpoint> factory, RestartLimit? restarts = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return Register(name, factory(), factory, restarts ?? RestartLimit.Default);
    }

    public override RpcEndpointRef RefTo(RpcEndpointAddress address, long incarnation) => new ChannelRef(this, address, incarnation);

    public override async Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default)
    {
        var byName = new ChannelRef(this, address, 0);
        if (address.Address == Address) return Find(address.Name, 0)?.Self ?? throw new EndpointNotFoundException(address);
        var (timeout, key) = CoreKeys.TimeoutOf(Conf, CoreKeys.LookupTimeout);
        var ask = new Ask(this, byName, timeout, key, cancellationToken);
        return RefTo(address, await WaitAsync<long>(ask, () => Links.Lookup(byName, ask)));
    }

    public override void Stop(RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Address != Address)
            throw new ArgumentException($"{endpoint} does not belong to RpcEnv '{Name}'; only its own env can stop it.", nameof(endpoint));
        lock (_lock)
        {
            if (Find(endpoint) is not { } mailbox) return;
            _named.Remove(endpoint.Name);
            mailbox.Complete();
        }
    }

    public override IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message) =>
        Schedule(delay, Timeout.InfiniteTimeSpan, receiver, message);

    public override IDisposable ScheduleRepeatedly(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return Schedule(delay, interval, receiver, message);
    }

    public override TaskCompletionSource<T> NewCompletion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public override BulkStream OpenBulk(RpcAddress peer, string path) => _streams.Open(peer, path);

    public override Task<RpcEndpointRef> DeployAsync(RpcAddress node, string name, EndpointProps props, CancellationToken cancellationToken = default) =>
        _deployments.DeployAsync(node, name, props, cancellationToken);

    public override Task StopDeployedAsync(RpcEndpointRef endpoint, CancellationToken cancellationToken = default) =>
        _deployments.StopAsync(endpoint, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        BeginShutdown();
        return new ValueTask(_ended.Task);
    }

    public override async Task<ShutdownReport> ShutdownAsync(TimeSpan deadline)
    {
        using var timer = Begin(deadline, _giveUp.Cancel);
        BeginShutdown();
        await _ended.Task;
        return new ShutdownReport(_abandoned, _failures, _giveUp.IsCancellationRequested);
    }

    public override async Task<bool> StopAsync(RpcEndpointRef endpoint, TimeSpan? deadline = null)
    {
        Stop(endpoint);
        if (_running.Keys.FirstOrDefault(mailbox => mailbox.Self.Equals(endpoint)) is not { } mailbox) return true;
        using var timer = Begin(deadline ?? Timeout.InfiniteTimeSpan, mailbox.Abandon);
        return await mailbox.Ended;
    }

    /// <summary>Ends all links without a word, as the death of a process does.</summary>
    public Task AbortAsync()
    {
        _closed = true;
        Switchboard.Remove(this);
        return Links.CloseAsync();
    }

    /// <summary>Binds an instance to its ref, for mailboxes.</summary>
    internal static void Bind(RpcEndpoint endpoint, RpcEndpointRef self, CancellationToken abandoned)
    {
        Attach(endpoint, self);
        if (endpoint is AsyncRpcEndpoint awaiting) AwaitHandlers(awaiting, abandoned);
    }

    /// <summary>The handler that was begun last, for mailboxes.</summary>
    internal static Task? RunningHandler(AsyncRpcEndpoint endpoint) => TakeRunningHandler(endpoint);

    internal Mailbox? Find(RpcEndpointRef endpoint) => Find(endpoint.Name, endpoint.Incarnation);

    internal Mailbox? Find(string name, long incarnation)
    {
        lock (_lock)
        {
            return _named.TryGetValue(name, out var mailbox) && (incarnation == 0 || incarnation == mailbox.Self.Incarnation) ? mailbox : null;
        }
    }

    internal void PostToAll(Action<RpcEndpoint> handle)
    {
        foreach (var mailbox in _running.Keys) mailbox.Post(new Mail(handle));
    }

    internal void Send(ChannelRef receiver, object message)
    {
        if (receiver.Address == Address)
        {
            if (Find(receiver)?.Post(new Mail(endpoint => endpoint.Receive(message))) != true) ReportNotFound(receiver.Name, message, sender: null);
            return;
        }

        try
        {
            Links.Send(receiver, message);
        }
        catch (RpcConnectionException error)
        {
            DeadLetters.Report(new DeadLetter(
                DeadLetterReason.PeerUnreachable, receiver.Address)
            { Endpoint = receiver.Name, Message = message, Description = error.Message });
        }
    }

    internal Task<T> AskAsync<T>(ChannelRef receiver, object message, Ask ask) => WaitAsync<T>(ask, () =>
    {
        if (receiver.Address != Address)
        {
            Links.Ask(receiver, message, ask);
            return;
        }

        var call = new Call(Address, ask.Answer, ask.Fail);
        if (Find(receiver)?.Post(new Mail(endpoint => endpoint.ReceiveAndReply(message, new RpcCallContext(call, 0)), call)) != true)
            ask.Fail(new EndpointNotFoundException(new RpcEndpointAddress(receiver.Address, receiver.Name)));
    });

    internal void Escalate(Exception error)
    {
        Interlocked.CompareExchange(ref _escalated, error, null);
        BeginShutdown();
    }

    internal void Ended(Mailbox mailbox)
    {
        Watches.Ended(mailbox);
        _running.TryRemove(mailbox, out _);
    }

    /// <summary>Reports a message to an endpoint that this env does not have.</summary>
    internal void ReportNotFound(string name, object message, RpcAddress? sender) => DeadLetters.Report(
        new DeadLetter(DeadLetterReason.EndpointNotFound, Address)
        {
            Endpoint = name,
            Message = message,
            Sender = sender,
            Description = "no such endpoint, or it has stopped"
        });

    /// <summary>Logs; a logger that throws loses its line and nothing else.</summary>
    internal void Report(Exception error, string what)
    {
        try
        {
            _log.LogWarning(error, "{What}", what);
        }
        catch (Exception)
        {
            Console.Error.WriteLine(what);
        }
    }

    protected override void Watch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Watches.Begin(watcher, endpoint);
    }

    protected override void Unwatch(RpcEndpointRef watcher, RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Watches.End(watcher, endpoint);
    }

    protected override void PostError(RpcEndpointRef endpoint, Exception error)
    {
        if (Find(endpoint)?.Post(new Mail(_ => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error))) != true)
            ReportHandlerError(endpoint, error);
    }

    protected override void ReportHandlerError(RpcEndpointRef endpoint, Exception error) => Report(error, $"A handler of endpoint {endpoint?.Name} failed");

    private ChannelRef Register(string name, RpcEndpoint endpoint, Func<RpcEndpoint>? factory, RestartLimit restarts)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(endpoint);
        lock (_lock)
        {
            if (_closed) throw new RpcEnvStoppedException(Name);
            if (_named.ContainsKey(name)) throw new ArgumentException($"An endpoint '{name}' is registered already.", nameof(name));
            var mailbox = new Mailbox(this, new ChannelRef(this, new RpcEndpointAddress(Address, name), ++_lastIncarnation), endpoint, factory, restarts);
            _named.Add(name, mailbox);
            _running.TryAdd(mailbox, 0);
            mailbox.Start();
            return mailbox.Self;
        }
    }

    private ScheduledSend Schedule(TimeSpan delay, TimeSpan interval, RpcEndpointRef receiver, object message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(message);
        var isLocal = receiver.Address == Address;
        var home = isLocal ? Find(receiver) : null;
        var scheduled = new ScheduledSend(this, receiver, message, interval, home);
        if (!isLocal || home is not null) scheduled.Start(delay);
        return scheduled;
    }

    /// <summary>Begins an ask, unless it is over before, and waits for its outcome.</summary>
    private async Task<T> WaitAsync<T>(Ask ask, Action begin)
    {
        _asks.TryAdd(ask, 0);
        try
        {
            if (_closed) ask.Fail(new RpcEnvStoppedException(Name));
            if (!ask.IsOver) begin();
        }
        catch (SparkException error)
        {
            ask.Fail(error);
        }

        try
        {
            return await ask.ResultAsync<T>();
        }
        finally
        {
            _asks.TryRemove(ask, out _);
            Links.Forget(ask);
        }
    }

    private LongTimer? Begin(TimeSpan deadline, Action giveUp)
    {
        if (deadline == Timeout.InfiniteTimeSpan) return null;
        ArgumentOutOfRangeException.ThrowIfLessThan(deadline, TimeSpan.Zero);
        return new LongTimer(Time, deadline, giveUp);
    }

    private async Task RunPhaseAsync(ShutdownPhase phase) =>
        _failures.AddRange(await CoordinatedShutdown.RunAsync(phase, Time, RunBlockingAsync, _giveUp.Token));

    private async Task StopAllAsync()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var mailbox in _named.Values) mailbox.Complete();
            _named.Clear();
        }

        var stopping = _running.Keys.ToArray();
        await using var registration = _giveUp.Token.Register(() => Array.ForEach(stopping, mailbox => mailbox.Abandon()));
        var ended = await Task.WhenAll(stopping.Select(mailbox => mailbox.Ended));
        _abandoned = [.. stopping.Where((_, i) => !ended[i]).Select(mailbox => mailbox.Self.Name)];
    }

    private void BeginShutdown()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _ = Task.Run(ShutDownAsync);
    }

    private async Task ShutDownAsync()
    {
        try
        {
            await RunPhaseAsync(ShutdownPhase.BeforeEndpointsStop);
            await StopAllAsync();
            await RunPhaseAsync(ShutdownPhase.AfterEndpointsStop);
            foreach (var ask in _asks.Keys) ask.Fail(new RpcEnvStoppedException(Name));
            await RunPhaseAsync(ShutdownPhase.BeforeConnectionsClose);
            await AbortAsync();
            await _streams.DisposeAsync();
            DeadLetters.Dispose();
            await RunPhaseAsync(ShutdownPhase.AfterConnectionsClose);
            if (_escalated is { } error) _termination.SetException(error);
            else _termination.SetResult();
            _ended.SetResult();
        }
        catch (Exception error)
        {
            _termination.TrySetException(error);
            _ended.TrySetException(error);
        }
    }
}
