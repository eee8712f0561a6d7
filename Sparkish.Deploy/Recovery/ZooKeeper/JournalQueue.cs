namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The work that waits for a journal's lane, in the order of the calls; bounded in bytes. Safe for any thread.</summary>
internal sealed class JournalQueue(long lastSequence)
{
    /// <summary>What may wait. A caller that makes events faster than the servers take them, and does not wait, loses the journal.</summary>
    public const long MaxWaitingBytes = 64 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<JournalWork> _waiting = new();
    private long _lastSequence = lastSequence;
    private long _waitingBytes;
    private TaskCompletionSource? _more;
    private Func<Exception>? _refusal;

    /// <summary>Whether nothing new is taken.</summary>
    public bool IsClosed
    {
        get { lock (_lock) return _refusal is not null; }
    }

    /// <summary>Throws why nothing is taken, where nothing is.</summary>
    public void ThrowIfRefused()
    {
        lock (_lock)
        {
            if (_refusal is { } refusal) throw refusal();
        }
    }

    /// <summary>Takes work in; returns the number of the last event that the journal will have then.</summary>
    /// <param name="work">The work.</param>
    /// <param name="overloaded">What to say, from now on, where too much waits already.</param>
    public long Enqueue(JournalWork work, Func<Exception> overloaded)
    {
        lock (_lock)
        {
            if (_refusal is null && _waitingBytes + work.Bytes > MaxWaitingBytes) _refusal = overloaded;
            if (_refusal is { } refusal) throw refusal();
            _waiting.Enqueue(work);
            _waitingBytes += work.Bytes;
            if (work is AppendWork append) _lastSequence += append.Events.Count;
            _more?.TrySetResult();
            return _lastSequence;
        }
    }

    /// <summary>The work of one transaction: a change by itself, or appends that fit a node together, or one that is too large for it; empty where nothing waits.</summary>
    public IReadOnlyList<JournalWork> Take(long maxNodeBytes)
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var first)) return [];
            var taken = new List<JournalWork> { first };
            _waitingBytes -= first.Bytes;
            if (first is not AppendWork { NodeBytes: var size }) return taken;
            while (_waiting.TryPeek(out var next) && next is AppendWork append && size + append.NodeBytes <= maxNodeBytes)
            {
                size += append.NodeBytes;
                _waitingBytes -= append.Bytes;
                taken.Add(_waiting.Dequeue());
            }

            return taken;
        }
    }

    /// <summary>Completes when something waits, or nothing comes any more.</summary>
    public Task MoreAsync()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0 || _refusal is not null) return Task.CompletedTask;
            if (_more is null or { Task.IsCompleted: true }) _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _more.Task;
        }
    }

    /// <summary>Takes nothing from now on; what waits goes on. The first reason counts.</summary>
    public void Refuse(Func<Exception> why)
    {
        lock (_lock)
        {
            _refusal ??= why;
            _more?.TrySetResult();
        }
    }

    /// <summary>Fails what waits.</summary>
    public void FailWaiting()
    {
        JournalWork[] waiting;
        Func<Exception> why;
        lock (_lock)
        {
            (waiting, why) = ([.. _waiting], _refusal!);
            _waiting.Clear();
            _waitingBytes = 0;
        }

        foreach (var work in waiting) work.Fail(why());
    }
}
