using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>A timer that sends a message. With an endpoint of this env it ends, and no two of its messages wait there.</summary>
internal sealed class ScheduledSend(ChannelRpcEnv env, RpcEndpointRef receiver, object message, TimeSpan interval, Mailbox? home) : IDisposable
{
    private LongTimer? _timer;
    private volatile bool _disposed;
    private int _waiting;

    public void Start(TimeSpan delay)
    {
        home?.Timers.TryAdd(this, 0);
        Arm(delay);
    }

    public void Dispose()
    {
        _disposed = true;
        _timer?.Dispose();
        home?.Timers.TryRemove(this, out _);
    }

    private void Arm(TimeSpan delay)
    {
        if (_disposed) return;
        _timer?.Dispose();
        _timer = new LongTimer(env.Time, delay, Fire);
        if (_disposed) _timer.Dispose();
    }

    private void Fire()
    {
        if (_disposed) return;
        if (home is null) SendAway();
        else if (Interlocked.Exchange(ref _waiting, 1) == 0) home.Post(new Mail(Take));
        if (interval != Timeout.InfiniteTimeSpan) Arm(interval);
    }

    private void Take(RpcEndpoint endpoint)
    {
        Volatile.Write(ref _waiting, 0);
        if (_disposed) return;
        if (interval == Timeout.InfiniteTimeSpan) Dispose();
        endpoint.Receive(message);
    }

    private void SendAway()
    {
        try
        {
            receiver.Send(message);
        }
        catch (SparkException error)
        {
            env.Report(error, $"A scheduled message to {receiver} could not be sent");
        }
    }
}
