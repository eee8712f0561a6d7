namespace Sparkish.Persistence.Appending;

/// <summary>
/// The appends of one journal: they collect while earlier ones are written, and are then written together. So a group costs one flush, regardless of its number
/// of appends, in the order of the calls. The first append in an idle journal starts the writing, which continues until nothing is left; no thread waits for
/// work.
/// </summary>
/// <remarks>
/// The rules are equal for all stores. Appends beyond the limits are refused at once, and the journal stays open. After a failed write nothing is acknowledged
/// any more: pending and waiting appends fail, and the journal accepts nothing until it is reopened. The outcome of a cancelled append is unknown, so only
/// appends that were accepted before it may follow. When the journal is closed, accepted appends are still written.
/// </remarks>
internal sealed class GroupCommit
{
    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly string _title;
    private readonly IGroupWriter _writer;
    private readonly AppendLimits _limits;
    private readonly TaskCreationOptions _completions;
    private readonly Action<Exception> _onFailed;
    private readonly Queue<CommitGroup> _underWay = new(); // the worker's
    private long _lastSequence;

    // Under the lock:
    private readonly Queue<JournalWork> _waiting = new();
    private TaskCompletionSource? _working; // completes when nothing is left to do
    private TaskCompletionSource? _more;
    private Func<Exception>? _refusal; // the reason why nothing is accepted any more
    private bool _isClosed;
    private long _taken;
    private long _waitingBytes;
    private int _waitingAppends;

    /// <param name="name">The journal's name.</param>
    /// <param name="place">The location of the journal, for people: <c>'/var/lib/journals/master'</c>.</param>
    /// <param name="writer">Writes the groups.</param>
    /// <param name="limits">Limits of waiting appends.</param>
    /// <param name="lastSequence">The number of the last stored event.</param>
    /// <param name="onFailed">Called once with the failure that ended the journal.</param>
    /// <param name="completions">Creates the completions that callers await.</param>
    public GroupCommit(
        string name, string place, IGroupWriter writer, AppendLimits limits, long lastSequence, Action<Exception> onFailed,
        TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (_name, _title, _writer, _limits, _onFailed, _completions) = (name, $"The journal '{name}' in {place}", writer, limits, onFailed, completions);
        _taken = _lastSequence = lastSequence;
    }

    /// <summary>The number of the last event that was acknowledged.</summary>
    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Whether it was closed, or fenced.</summary>
    public bool IsClosed
    {
        get { lock (_lock) return _isClosed; }
    }

    /// <inheritdoc cref="IJournal.AppendAsync"/>
    public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        var work = new AppendWork(events, JournalBatches.Check(events), _completions);
        await RunAsync(work, "an append", cancellationToken).ConfigureAwait(false);
        return work.LastSequence;
    }

    /// <summary>Does work in its turn.</summary>
    /// <param name="work">The work.</param>
    /// <param name="what">The name of the work, for people: <c>a truncation</c>.</param>
    /// <param name="cancellationToken">Stops waiting, and ends the journal.</param>
    public async Task RunAsync(JournalWork work, string what, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Take(work)) _ = WorkAsync();
        try
        {
            await work.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Refuse(() => Ended($"{what} was cancelled, and its outcome is unknown", cause: null));
            throw;
        }
    }

    /// <summary>Throws the reason why nothing is accepted, if there is one.</summary>
    public void ThrowIfRefused()
    {
        lock (_lock)
        {
            if (_refusal is { } refusal) throw refusal();
        }
    }

    /// <summary>Accepts nothing from now on; accepted work continues. Only the first reason is kept.</summary>
    public void Refuse(Func<Exception> why)
    {
        lock (_lock)
        {
            _refusal ??= why;
            _more?.TrySetResult();
        }
    }

    /// <summary>Closes in favour of another writer: waiting appends fail, running writes continue.</summary>
    public void Fence(Func<Exception> why)
    {
        JournalWork[] waiting;
        lock (_lock)
        {
            if (!_isClosed) _refusal = why;
            waiting = TakeWaiting();
        }

        foreach (var work in waiting) work.Fail(why());
    }

    /// <summary>Accepts nothing from now on.</summary>
    /// <returns>Completes when accepted work has ended.</returns>
    public Task CloseAsync(Func<Exception> why)
    {
        lock (_lock)
        {
            _isClosed = true;
            _refusal ??= why;
            _more?.TrySetResult();
            return _working?.Task ?? Task.CompletedTask;
        }
    }

    private bool Take(JournalWork work)
    {
        lock (_lock)
        {
            if (_refusal is { } refusal) throw refusal();
            if (work is AppendWork append)
            {
                ThrowIfOverloaded(append);
                _waitingBytes += append.Bytes;
                _waitingAppends++;
                append.LastSequence = _taken += append.Events.Count;
            }

            _waiting.Enqueue(work);
            _more?.TrySetResult();
            if (_working is not null) return false;
            _working = new TaskCompletionSource(_completions);
            return true;
        }
    }

    // Under the lock.
    private void ThrowIfOverloaded(AppendWork append)
    {
        if (_waitingBytes + append.Bytes > _limits.MaxWaitingBytes)
            throw Overloaded($"{_waitingBytes} bytes of events", $"{_limits.MaxWaitingBytes} bytes",
                PersistenceKeys.MaxWaitingBytes.Key, nameof(AppendLimits.MaxWaitingBytes));
        if (_waitingAppends >= _limits.MaxWaitingAppends)
            throw Overloaded($"{_waitingAppends} appends", $"{_limits.MaxWaitingAppends} appends",
                PersistenceKeys.MaxWaitingAppends.Key, nameof(AppendLimits.MaxWaitingAppends));
    }

    private JournalOverloadedException Overloaded(string waiting, string limit, string key, string property) => new(
        $"{_title} refused an append: {waiting} wait for the store, and the limit is {limit} ({key}, {nameof(AppendLimits)}.{property}). "
        + "Nothing was written, and the journal stays open: await earlier appends first.");

    // Never fails: the callers that wait for their work receive its failure.
    private async Task WorkAsync()
    {
        TaskCompletionSource? idle = null;
        while (idle is null)
        {
            try
            {
                await FillWindowAsync().ConfigureAwait(false);
                if (_underWay.Count == 0) idle = Rest();
                else if (_underWay.Count == _writer.Window || await IsSettledBeforeMoreAsync().ConfigureAwait(false))
                    Acknowledge(await _writer.SettleAsync().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                Fail(e);
            }
        }

        idle.SetResult();
    }

    private async Task FillWindowAsync()
    {
        while (_underWay.Count < _writer.Window && Next() is { } group)
        {
            _underWay.Enqueue(group); // first, so that it fails with the rest
            await _writer.BeginAsync(group).ConfigureAwait(false);
        }
    }

    private CommitGroup? Next()
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var first)) return null;
            var group = new CommitGroup(first);
            while (group.Other is null && _waiting.TryPeek(out var next) && next is AppendWork append && _writer.Fits(group, append))
            {
                group.Add(append);
                _waiting.Dequeue();
            }

            return group;
        }
    }

    // Waits until there is room for another group, or work arrives, whichever comes first.
    private async Task<bool> IsSettledBeforeMoreAsync()
    {
        var outcome = _writer.Outcome;
        if (outcome.IsCompleted || !TryGetMore(out var more)) return true;
        await Task.WhenAny(outcome, more).ConfigureAwait(false);
        return outcome.IsCompleted;
    }

    /// <param name="more">Completes when work waits, or no more will arrive.</param>
    /// <returns>Whether more work may arrive.</returns>
    private bool TryGetMore(out Task more)
    {
        lock (_lock)
        {
            if (_more is null or { Task.IsCompleted: true }) _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            more = _waiting.Count > 0 ? Task.CompletedTask : _more.Task;
            return _waiting.Count > 0 || _refusal is null;
        }
    }

    private TaskCompletionSource? Rest()
    {
        lock (_lock)
        {
            if (_waiting.Count > 0) return null;
            var idle = _working;
            _working = null;
            return idle;
        }
    }

    private void Acknowledge(int groups)
    {
        for (; groups > 0; groups--)
        {
            var group = _underWay.Dequeue();
            lock (_lock)
            {
                _waitingBytes -= group.Bytes;
                _waitingAppends -= group.Appends.Count;
            }

            if (group.Other is null) Volatile.Write(ref _lastSequence, group.LastSequence);
            group.Complete();
        }
    }

    private void Fail(Exception error)
    {
        JournalWork[] waiting;
        Func<Exception> refusal;
        lock (_lock)
        {
            refusal = _refusal ??= error is StaleEpochException stale
                ? () => new StaleEpochException(_name, stale.Epoch, stale.Current)
                : () => Ended($"an earlier write failed: {error.Message.TrimEnd('.')}", error);
            waiting = TakeWaiting();
        }

        if (error is not OperationCanceledException) _onFailed(error); // else its own end
        while (_underWay.TryDequeue(out var group)) group.Fail(error is JournalException ? error : refusal());
        foreach (var work in waiting) work.Fail(refusal());
    }

    // Under the lock.
    private JournalWork[] TakeWaiting()
    {
        JournalWork[] waiting = [.. _waiting];
        _waiting.Clear();
        return waiting;
    }

    private JournalException Ended(string why, Exception? cause) => new($"{_title} accepts no more writes until it is reopened: {why}.", cause);
}
