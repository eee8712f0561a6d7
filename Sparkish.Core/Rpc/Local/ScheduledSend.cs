using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>
/// A message that is sent after a delay, once or again and again, until it is disposed. To a receiver of this env it travels as one envelope of which
/// the inbox never holds two. Safe for all threads.
/// </summary>
internal sealed class ScheduledSend(TimerSet owner, RpcEndpointRef receiver, object message, ILogger log) : IDisposable
{
    private ITimer? _timer;
    private bool _repeats;
    private int _waiting;
    private int _done;

    /// <summary>Starts the clock; <paramref name="interval"/> is infinite for a single message. False when the owner has ended.</summary>
    public bool TryStart(TimeProvider time, TimeSpan delay, TimeSpan interval)
    {
        if (!owner.TryAdd(this)) return false;
        _repeats = interval != Timeout.InfiniteTimeSpan;
        _timer = time.CreateTimer(static state => ((ScheduledSend)state!).Fire(), this, delay, interval);
        if (Volatile.Read(ref _done) != 0) _timer.Dispose();
        return true;
    }

    public void Dispose() => End();

    private void Fire()
    {
        if (_repeats ? Volatile.Read(ref _done) != 0 : !End()) return;
        try
        {
            if (receiver is not LocalEndpointRef local) receiver.Send(message);
            else if (Interlocked.Exchange(ref _waiting, 1) == 0) local.Post(new EventEnvelope(Handle));
        }
        catch (Exception error)
        {
            log.ScheduledSendFailed(error, message.GetType().Name, receiver.Name);
        }
    }

    private void Handle(RpcEndpoint endpoint)
    {
        Volatile.Write(ref _waiting, 0);
        if (!_repeats || Volatile.Read(ref _done) == 0) endpoint.Receive(message);
    }

    private bool End()
    {
        if (Interlocked.Exchange(ref _done, 1) != 0) return false;
        _timer?.Dispose();
        owner.Remove(this);
        return true;
    }
}
