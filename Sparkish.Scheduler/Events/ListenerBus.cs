using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Sparkish.Events;

/// <summary>
/// Delivers events to listeners asynchronously, so that the schedulers never wait for them: the queue is bounded, and events beyond its capacity are dropped
/// and counted. Posting is thread-safe. Without listeners an event costs only its creation.
/// </summary>
internal sealed class ListenerBus : IAsyncDisposable
{
    private readonly ISparkListener[] _listeners;
    private readonly ILogger _log;
    private readonly Channel<SparkListenerEvent> _queue;
    private readonly Task _loop;
    private long _dropped;

    public ListenerBus(IEnumerable<ISparkListener> listeners, int capacity, ILogger log)
    {
        _listeners = [.. listeners];
        _log = log;
        _queue = Channel.CreateBounded<SparkListenerEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _loop = _listeners.Length == 0 ? Task.CompletedTask : DispatchAsync();
    }

    public void Post(SparkListenerEvent happened)
    {
        if (_listeners.Length == 0 || _queue.Writer.TryWrite(happened)) return;
        if (Interlocked.Increment(ref _dropped) == 1) _log.EventDropped();
    }

    /// <summary>Delivers the queued events, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        foreach (var listener in _listeners.OfType<IDisposable>()) listener.Dispose();
    }

    private async Task DispatchAsync()
    {
        await foreach (var happened in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            foreach (var listener in _listeners)
            {
                try
                {
                    listener.OnEvent(happened);
                }
                catch (Exception e)
                {
                    _log.ListenerFailed(e, listener.GetType().Name);
                }
            }
        }
    }
}
