using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>
/// A message that is sent after a delay, once or repeatedly, until it is disposed. A receiver in this env gets one envelope, which is queued at most once, and
/// only the instance at the time of scheduling receives it. Thread-safe.
/// </summary>
/// <param name="owner">The timer set of its owner.</param>
/// <param name="receiver">The receiver.</param>
/// <param name="inbox">The receiver's inbox, if it is of this env.</param>
/// <param name="message">The message.</param>
/// <param name="log">Logs messages that cannot be sent.</param>
internal sealed class ScheduledSend(TimerSet owner, RpcEndpointRef receiver, Inbox? inbox, object message, ILogger log) : IDisposable
{
    private readonly int _generation = inbox?.Generation ?? 0;
    private IDisposable? _timer;
    private bool _repeats;
    private int _waiting;
    private int _done;

    /// <summary>Starts the timer; <paramref name="interval"/> is infinite for a single message. Returns false if the owner has ended.</summary>
    public bool TryStart(TimeProvider time, TimeSpan delay, TimeSpan interval)
    {
        if (!owner.TryAdd(this)) return false;
        _repeats = interval != Timeout.InfiniteTimeSpan;
        try
        {
            _timer = LongTimer.Start(time, Fire, delay, interval);
        }
        catch (Exception)
        {
            owner.Remove(this);
            throw;
        }

        if (Volatile.Read(ref _done) != 0) _timer.Dispose();
        return true;
    }

    public void Dispose() => End();

    private void Fire()
    {
        if (_repeats ? Volatile.Read(ref _done) != 0 : !End()) return;
        try
        {
            if (inbox is null) receiver.Send(message);
            else if (Interlocked.Exchange(ref _waiting, 1) == 0) inbox.Post(new EventEnvelope(inbox, _generation, Handle));
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
