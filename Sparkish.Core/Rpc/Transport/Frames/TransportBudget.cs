using System.Buffers;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// The memory limit of all outboxes and unfinished frames of one env (<c>spark.rpc.buffers.maxBytes</c>). Outboxes take what they need or report that they are
/// full. A large frame reserves its whole length before it is read, in the order of arrival, so that two half-read frames never wait for each other.
/// Thread-safe.
/// </summary>
internal sealed class TransportBudget(long maxBytes)
{
    // Larger buffers are not pooled: a pool would keep the memory of one large message for the life of the process.
    private const int MaxPooledBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<BudgetReservation> _waiting = new();
    private int _waitingCount;
    private long _taken;
    private long _grown; // a part of _taken

    /// <summary>The bound in bytes.</summary>
    public long MaxBytes => maxBytes;

    /// <summary>Rents a buffer of at least a size; null if the limit is reached and <paramref name="always"/> is not set.</summary>
    public byte[]? TryRent(int minBytes, bool always)
    {
        var buffer = minBytes <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(minBytes) : GC.AllocateUninitializedArray<byte>(minBytes);
        if (Interlocked.Add(ref _taken, buffer.Length) <= maxBytes || always) return buffer;
        Return(buffer);
        return null;
    }

    /// <summary>Returns a buffer.</summary>
    public void Return(byte[] buffer)
    {
        var length = buffer.Length;
        if (length <= MaxPooledBytes) ArrayPool<byte>.Shared.Return(buffer);
        Release(length);
    }

    /// <summary>Counts the bytes by which a receive buffer grows; false if the share of all receive buffers is used up.</summary>
    public bool TryGrow(int bytes)
    {
        if (Interlocked.Add(ref _grown, bytes) > maxBytes / 8)
        {
            Interlocked.Add(ref _grown, -bytes);
            return false;
        }

        Interlocked.Add(ref _taken, bytes);
        return true;
    }

    /// <summary>Releases the bytes by which a receive buffer has shrunk.</summary>
    public void Shrink(int bytes)
    {
        if (bytes == 0) return;
        Interlocked.Add(ref _grown, -bytes);
        Release(bytes);
    }

    /// <summary>Reserves the bytes of a large frame; waits while too much is in use, but never for itself alone.</summary>
    /// <param name="bytes">The length of the frame.</param>
    /// <param name="env">The env, whose code the completion runs.</param>
    public BudgetReservation Reserve(long bytes, NodeRpcEnv env)
    {
        var reservation = new BudgetReservation(this, bytes, env.NewCompletion<bool>());
        lock (_lock) _waiting.Enqueue(reservation);
        GrantWaiting();
        return reservation;
    }

    /// <summary>Returns bytes.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref _taken, -bytes);
        if (Volatile.Read(ref _waitingCount) > 0) GrantWaiting();
    }

    private void GrantWaiting()
    {
        while (NextGranted() is { } next)
        {
            if (!next.Grant()) Interlocked.Add(ref _taken, -next.Bytes); // it was cancelled meanwhile
        }
    }

    private BudgetReservation? NextGranted()
    {
        lock (_lock)
        {
            if (_waiting.TryPeek(out var next) && HasRoomFor(next.Bytes))
            {
                Interlocked.Add(ref _taken, next.Bytes);
                _waiting.Dequeue();
            }
            else
            {
                next = null;
            }

            _waitingCount = _waiting.Count;
            return next;
        }
    }

    private bool HasRoomFor(long bytes)
    {
        var taken = Interlocked.Read(ref _taken);
        return taken + bytes <= maxBytes || taken <= Interlocked.Read(ref _grown);
    }
}

/// <summary>The reservation of one large frame. Thread-safe.</summary>
/// <param name="budget">The budget of the reservation.</param>
/// <param name="bytes">Number of reserved bytes.</param>
/// <param name="decided">Completes when the frame may be read, or the reservation was cancelled.</param>
internal sealed class BudgetReservation(TransportBudget budget, long bytes, TaskCompletionSource<bool> decided)
{
    private int _released;

    public long Bytes => bytes;

    /// <summary>Whether the frame may be read; false if the reservation was cancelled before.</summary>
    public Task<bool> Decided => decided.Task;

    /// <summary>Lets the frame be read; false if the reservation was cancelled.</summary>
    public bool Grant() => decided.TrySetResult(true);

    /// <summary>The frame was read, or will not be.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0 || decided.TrySetResult(false)) return;
        budget.Release(bytes);
    }
}
