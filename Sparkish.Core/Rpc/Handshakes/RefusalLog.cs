using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// Logs refused connections: the first of a source at once, and what follows within ten seconds in one line with a count. A bounded number of sources has
/// lines of its own. Safe for all threads.
/// </summary>
internal sealed class RefusalLog
{
    private const int MaxSources = 256;
    private const string OtherSources = "other addresses";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ITimer? _timer;
    private bool _isClosed;

    public RefusalLog(TimeProvider time, ILogger log) => (_time, _log) = (time, log);

    /// <summary>A connection was refused.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="remote">The same with its port.</param>
    /// <param name="reason">Why.</param>
    public void Add(string source, string remote, string reason)
    {
        lock (_lock)
        {
            if (_held.Count >= MaxSources && !_held.ContainsKey(source)) source = OtherSources;
            if (_held.TryGetValue(source, out var held))
            {
                _held[source] = new Held(held.Count + 1, reason);
                return;
            }

            _held.Add(source, new Held(0, reason));
            if (!_isClosed) _timer ??= NewTimer();
        }

        _log.HandshakeRefused(remote, reason);
    }

    /// <summary>Logs what was held back; later refusals are counted and logged no more, save the first of each source.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed) return;
            _isClosed = true;
        }

        Flush();
    }

    private ITimer NewTimer()
    {
        // The timer outlives the connection that started it, and must not keep its context alive.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            return _time.CreateTimer(static state => ((RefusalLog)state!).Flush(), this, Pause, Timeout.InfiniteTimeSpan);
    }

    private void Flush()
    {
        List<KeyValuePair<string, Held>> due;
        ITimer? timer;
        lock (_lock)
        {
            due = [.. _held.Where(static entry => entry.Value.Count > 0)];
            _held.Clear();
            foreach (var (source, _) in due) _held.Add(source, default); // it goes on, perhaps: its next line comes in ten seconds again
            timer = _timer;
            _timer = _held.Count > 0 && !_isClosed ? NewTimer() : null;
        }

        timer?.Dispose();
        foreach (var (source, held) in due) _log.HandshakesRefused(held.Count, source, held.Reason);
    }

    private readonly record struct Held(long Count, string Reason);
}
