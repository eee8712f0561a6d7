using System.Collections.Concurrent;
using System.Threading.Channels;
using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>One entry of a mailbox: what to do with the endpoint, and the question behind it, if there is one.</summary>
internal readonly record struct Mail(Action<RpcEndpoint> Handle, Call? Call = null, Exception? Failure = null);

/// <summary>
/// An endpoint with what waits for it: one handler at a time on the pool, several at a time for a concurrent endpoint, a thread of its own for an isolated
/// one. Failures are supervised here: resume, restart, stop, escalate.
/// </summary>
#pragma warning disable CA1001 // its slots end with its endpoint
internal sealed class Mailbox
#pragma warning restore CA1001
{
    [ThreadStatic]
    private static bool _isHandling;

    private readonly Channel<Mail> _mail = Channel.CreateUnbounded<Mail>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<Exception> _lateFailures = new();
    private readonly Queue<long> _restarts = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly ChannelRpcEnv _env;
    private readonly Func<RpcEndpoint>? _factory;
    private readonly RestartLimit _limit;
    private readonly int _slotCount;
    private readonly SemaphoreSlim _slots;
    private volatile RpcEndpoint? _endpoint;

    public Mailbox(ChannelRpcEnv env, ChannelRef self, RpcEndpoint endpoint, Func<RpcEndpoint>? factory, RestartLimit limit)
    {
        (_env, Self, _endpoint, _factory, _limit) = (env, self, endpoint, factory, limit);
        _slotCount = (endpoint as ConcurrentRpcEndpoint)?.MaxConcurrency ?? 1;
        _slots = new SemaphoreSlim(_slotCount);
        ChannelRpcEnv.Bind(endpoint, self, _abandoned.Token);
    }

    /// <summary>Whether the calling thread runs a handler.</summary>
    public static bool IsHandling => _isHandling;

    public ChannelRef Self { get; }

    /// <summary>Completes when the endpoint has stopped, or was abandoned; tells which.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>Whether its watchers have been told; guarded by the watches.</summary>
    public bool HasEnded { get; set; }

    public ConcurrentDictionary<ScheduledSend, byte> Timers { get; } = new();

    public void Start()
    {
        if (_endpoint is IsolatedRpcEndpoint)
            new Thread(() => RunAsync(onThread: true).GetAwaiter().GetResult()) { IsBackground = true, Name = $"dispatcher-{Self.Name}" }.Start();
        else _ = Task.Run(() => RunAsync(onThread: false));
    }

    /// <summary>Adds an entry; false when the endpoint is stopping.</summary>
    public bool Post(Mail mail) => _mail.Writer.TryWrite(mail);

    /// <summary>Adds an entry that is for the present instance only.</summary>
    public void PostToInstance(Action<RpcEndpoint> handle)
    {
        var instance = _endpoint;
        Post(new Mail(endpoint =>
        {
            if (endpoint == instance) handle(endpoint);
        }));
    }

    /// <summary>Takes no more; what waits is still handled.</summary>
    public void Complete() => _mail.Writer.TryComplete();

    /// <summary>Nobody waits for this endpoint any more, whatever its handler does.</summary>
    public void Abandon()
    {
        if (!_ended.TrySetResult(false)) return;
        _env.Ended(this);
        try
        {
            _abandoned.Cancel();
        }
        catch (AggregateException error)
        {
            _env.Report(error, $"Endpoint {Self.Name} failed");
        }
    }

    private async Task RunAsync(bool onThread)
    {
        Guard(new Mail(static endpoint => endpoint.OnStart()));
        while (onThread ? _mail.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult() : await _mail.Reader.WaitToReadAsync())
        {
            while (_mail.Reader.TryRead(out var mail))
            {
                if (_slotCount == 1) Guard(mail);
                if (_endpoint is AsyncRpcEndpoint awaiting && ChannelRpcEnv.RunningHandler(awaiting) is { } running) await EndOfAsync(running, mail);
                if (_slotCount == 1) continue;
                if (mail.Failure is { } failure) await AloneAsync(() => Supervise(failure));
                else await BesideOthersAsync(mail);
            }
        }

        if (_slotCount > 1) await AloneAsync(() => { });
        while (_lateFailures.TryDequeue(out var late)) Supervise(late);
        End();
    }

    private async Task EndOfAsync(Task running, Mail mail)
    {
        try
        {
            await running;
        }
        catch (Exception error)
        {
            mail.Call?.TryFail(error);
            Supervise(error);
        }
    }

    private async Task BesideOthersAsync(Mail mail)
    {
        await _slots.WaitAsync();
        _ = Task.Run(() =>
        {
            Guard(mail);
            _slots.Release();
        });
    }

    private async Task AloneAsync(Action action)
    {
        for (var i = 0; i < _slotCount; i++) await _slots.WaitAsync();
        action();
        _slots.Release(_slotCount);
    }

    /// <summary>Runs user code of the endpoint: whatever it throws is an outcome.</summary>
    private void Guard(Mail mail)
    {
        if (_endpoint is not { } endpoint)
        {
            mail.Call?.TryFail(new EndpointNotFoundException(new RpcEndpointAddress(Self.Address, Self.Name)));
            return;
        }

        try
        {
            _isHandling = true;
            mail.Handle(endpoint);
        }
        catch (Exception error)
        {
            mail.Call?.TryFail(error);
            if (_slotCount == 1) Supervise(error);
            else if (!Post(new Mail(static _ => { }, Failure: error))) _lateFailures.Enqueue(error);
        }
        finally
        {
            _isHandling = false;
        }
    }

    private void Supervise(Exception error)
    {
        var directive = ErrorDirective.Resume;
        try
        {
            if (_endpoint is { } endpoint) directive = endpoint.OnError(error);
        }
        catch (Exception second)
        {
            _env.Report(second, $"Endpoint {Self.Name} failed");
        }

        switch (directive)
        {
            case ErrorDirective.Restart when _factory is not null && MayRestart(): Restart(_factory); break;
            case ErrorDirective.Restart or ErrorDirective.Stop: _env.Stop(Self); break;
            case ErrorDirective.Escalate: _env.Escalate(error); break;
        }
    }

    private bool MayRestart()
    {
        var now = _env.Time.GetTimestamp();
        while (_restarts.TryPeek(out var first) && _env.Time.GetElapsedTime(first, now) > _limit.Within) _restarts.Dequeue();
        if (_restarts.Count >= _limit.MaxRestarts) return false;
        _restarts.Enqueue(now);
        return true;
    }

    private void Restart(Func<RpcEndpoint> factory)
    {
        LetGo();
        do
        {
            try
            {
                var fresh = factory();
                ChannelRpcEnv.Bind(fresh, Self, _abandoned.Token);
                _endpoint = fresh;
            }
            catch (Exception error)
            {
                _env.Report(error, $"Endpoint {Self.Name} failed");
            }
        }
        while (_endpoint is null && MayRestart());
        if (_endpoint is null) _env.Stop(Self);
        else Guard(new Mail(static endpoint => endpoint.OnStart()));
    }

    /// <summary>Ends the present instance: its OnStop, its timers, its watches.</summary>
    private void LetGo()
    {
        try
        {
            _endpoint?.OnStop();
        }
        catch (Exception error)
        {
            _env.Report(error, $"Endpoint {Self.Name} failed");
        }

        foreach (var timer in Timers.Keys) timer.Dispose();
        _env.Watches.Forget(Self);
        _endpoint = null;
    }

    private void End()
    {
        LetGo();
        _env.Ended(this);
        _slots.Dispose();
        _ended.TrySetResult(true);
    }
}
