using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The pending asks of one connection. An ask's number combines its slot and the slot's number of uses, so that a late reply never meets another ask.
/// Thread-safe.
/// </summary>
internal sealed class AskTable : IAskKeeper
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private Slot[] _slots = new Slot[16];
    private int _used;
    private int _count;
    private bool _closed;

    /// <summary>The number of pending asks.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds an ask and numbers it; 0 if the connection has ended.</summary>
    public long Add(PendingAsk ask, int use)
    {
        lock (_lock)
        {
            if (_closed) return 0;
            if (!_free.TryPop(out var index))
            {
                index = _used++;
                if (index == _slots.Length) Array.Resize(ref _slots, _slots.Length * 2);
            }

            ref var slot = ref _slots[index];
            slot.Ask = ask;
            slot.Use = use;
            slot.Generation++;
            _count++;
            return ((long)slot.Generation << 32) | (uint)(index + 1);
        }
    }

    /// <summary>Removes the ask with a number, if it is still pending.</summary>
    public PendingAsk? TryTake(long id, out int use)
    {
        var index = (int)(uint)id - 1;
        lock (_lock)
        {
            use = 0;
            if ((uint)index >= (uint)_used) return null;
            ref var slot = ref _slots[index];
            if (slot.Ask is not { } ask || slot.Generation != (int)(id >> 32)) return null;
            use = slot.Use;
            slot.Ask = null;
            _free.Push(index);
            _count--;
            return ask;
        }
    }

    public void Forget(long id) => TryTake(id, out _);

    /// <summary>Accepts no more asks, and fails the pending ones.</summary>
    /// <param name="error">Creates an exception per ask: one shared by many callers would collect the stacks of all.</param>
    public void Close(Func<Exception> error)
    {
        Slot[] waiting;
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            waiting = [.. _slots.AsSpan(0, _used)];
            _slots = [];
            _used = _count = 0;
        }

        foreach (var slot in waiting) slot.Ask?.Answer(slot.Use, null, error());
    }

    private struct Slot
    {
        public PendingAsk? Ask;
        public int Use;
        public int Generation;
    }
}
