using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Transport;

/// <summary>A message that an env sends after a delay, unless it is disposed before.</summary>
internal sealed class ScheduledSend(RpcEndpointRef receiver, object message, ILogger log, Action<ScheduledSend> ended) : IDisposable
{
    private ITimer? _timer;
    private int _done;

    public void Start(TimeProvider time, TimeSpan delay)
    {
        _timer = time.CreateTimer(static state => ((ScheduledSend)state!).Fire(), this, delay, Timeout.InfiniteTimeSpan);
        if (Volatile.Read(ref _done) != 0) _timer.Dispose();
    }

    public void Dispose() => End();

    private void Fire()
    {
        if (!End()) return;
        try
        {
            receiver.Send(message);
        }
        catch (Exception error)
        {
            log.ScheduledSendFailed(error, message.GetType().Name, receiver.Name);
        }
    }

    private bool End()
    {
        if (Interlocked.Exchange(ref _done, 1) != 0) return false;
        _timer?.Dispose();
        ended(this);
        return true;
    }
}
