using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// A thread of the process's own for what must happen though all threads of the pool are busy: signs of life leave and their absence is noticed, and
/// replies that were put off to the end of a turn leave although a handler takes its time. It sleeps while nothing was put off.
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

    /// <summary>The process's one.</summary>
    public static TransportThread Instance { get; } = new();

    /// <summary>The system's clock with timers that fire on this thread.</summary>
    public TimeProvider Time => _timers;

    /// <summary>Looks after an outbox until <see cref="Remove"/>.</summary>
    public void Add(Outbox outbox)
    {
        lock (_lock) _outboxes = [.. _outboxes, outbox];
    }

    /// <summary>Forgets an outbox.</summary>
    public void Remove(Outbox outbox)
    {
        lock (_lock) _outboxes = [.. _outboxes.Where(other => other != outbox)];
    }

    /// <summary>Something was put off: looks every millisecond from now on, and for a while after the last time.</summary>
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

    // Not inlined: what the loop keeps in its frame while it waits would be kept for as long as that takes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RelieveAll()
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var outbox in _outboxes) outbox.Relieve(now);
    }

    /// <summary>Sleeps, unless something was put off at this moment: both sides write first and then look at what the other wrote.</summary>
    private bool StopWatching()
    {
        Interlocked.Exchange(ref _isWatching, false);
        if (!Volatile.Read(ref _sawClaim)) return true;
        return Interlocked.Exchange(ref _isWatching, true); // who put it off has woken this thread, or this thread goes on
    }
}
