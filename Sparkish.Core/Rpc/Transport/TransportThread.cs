using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// A thread of the process for work that must proceed even if all pool threads are busy. It sends keep-alives, detects silent peers, and sends replies that a
/// slow handler's turn has deferred. It sleeps while nothing is deferred.
/// </summary>
#pragma warning disable CA1001 // it lives as long as the process
internal sealed class TransportThread
#pragma warning restore CA1001
{
    private const int QuietLooks = 100;

    private readonly AutoResetEvent _signal = new(initialState: false); // unlike a semaphore it does not spin before it waits
    private readonly ThreadTimers _timers;
    private readonly Lock _lock = new();
    private Outbox[] _outboxes = [];
    private bool _isWatching;
    private bool _sawClaim;

    private TransportThread()
    {
        _timers = new ThreadTimers(() => _signal.Set());
        new Thread(Run) { Name = "sparkish-transport", IsBackground = true }.UnsafeStart();
    }

    /// <summary>The instance of the process.</summary>
    public static TransportThread Instance { get; } = new();

    /// <summary>The system's clock with timers that fire on this thread.</summary>
    public TimeProvider Time => _timers;

    /// <summary>Watches an outbox until <see cref="Remove"/>.</summary>
    public void Add(Outbox outbox)
    {
        lock (_lock) _outboxes = [.. _outboxes, outbox];
    }

    /// <summary>Forgets an outbox.</summary>
    public void Remove(Outbox outbox)
    {
        lock (_lock) _outboxes = [.. _outboxes.Where(other => other != outbox)];
    }

    /// <summary>Called when a frame was deferred: polls every millisecond from now on, and for a while after the last time.</summary>
    public void Watch()
    {
        if (!Volatile.Read(ref _sawClaim)) Volatile.Write(ref _sawClaim, true);
        if (Volatile.Read(ref _isWatching)) return;
        if (!Interlocked.Exchange(ref _isWatching, true)) _signal.Set();
    }

    private void Run()
    {
        var quiet = 0;
        while (true)
        {
            var wait = _timers.Fire();
            if (Volatile.Read(ref _isWatching))
            {
                RelieveAll();
                quiet = Interlocked.Exchange(ref _sawClaim, false) ? 0 : quiet + 1;
                if (quiet > QuietLooks && StopWatching()) quiet = 0;
                else wait = 1;
            }

            _signal.WaitOne(wait);
        }
    }

    // Not inlined: the loop's frame would keep its locals alive while it waits.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RelieveAll()
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var outbox in _outboxes) outbox.Relieve(now);
    }

    /// <summary>Sleeps, unless a frame is deferred at this moment: both sides write first and then read the other's write.</summary>
    private bool StopWatching()
    {
        Interlocked.Exchange(ref _isWatching, false);
        if (!Volatile.Read(ref _sawClaim)) return true;
        return Interlocked.Exchange(ref _isWatching, true); // the deferring thread has woken this thread, or this thread continues
    }
}
