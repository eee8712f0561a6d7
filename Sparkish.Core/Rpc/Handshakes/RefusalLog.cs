using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// Logs refused connections: the first few of a source at once, and those of the next ten seconds as one line with a count. A bounded number of sources is
/// tracked separately. Thread-safe.
/// </summary>
internal sealed class RefusalLog
{
    /// <summary>Number of refusals of one source that are logged one by one before they are counted.</summary>
    public const int LinesAtOnce = 4;

    private const int MaxSources = 64;
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
    /// <param name="source">The remote address.</param>
    /// <param name="remote">The same with its port.</param>
    /// <param name="reason">The reason.</param>
    public void Add(string source, string remote, string reason)
    {
        lock (_lock)
        {
            if (_held.Count >= MaxSources && !_held.ContainsKey(source)) source = OtherSources;
            ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, source, out _);
            if (held.Lines == LinesAtOnce)
            {
                held = held with { Count = held.Count + 1, Reason = reason };
                return;
            }

            held = held with { Lines = held.Lines + 1 };
            if (!_isClosed) _timer ??= NewTimer();
        }

        _log.HandshakeRefused(remote, reason);
    }

    /// <summary>Logs all pending counts; afterwards only the first few refusals of each source are logged.</summary>
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
            if (_held.Count == 0 && _timer is null) return;
            due = [.. _held.Where(static entry => entry.Value.Count > 0)];
            _held.Clear();
            foreach (var (source, _) in due) _held.Add(source, new Held(LinesAtOnce, 0, null)); // it may continue: the next line follows in ten seconds
            timer = _timer;
            _timer = _held.Count > 0 && !_isClosed ? NewTimer() : null;
        }

        timer?.Dispose();
        foreach (var (source, held) in due) _log.HandshakesRefused(held.Count, source, held.Reason!);
    }

    /// <param name="Lines">The lines that were logged at once.</param>
    /// <param name="Count">The refusals since.</param>
    /// <param name="Reason">The last of their reasons.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Held(int Lines, long Count, string? Reason);
}
