namespace Sparkish.Persistence.Files;

/// <content>What is done with the files, by one worker at a time: groups of appends, truncation between them, closing after the last.</content>
internal sealed partial class FileJournal
{
    // Under the lock.
    private bool StartsWork()
    {
        if (_working is not null) return false;
        _working = new TaskCompletionSource(_directory.Files.Completions);
        return true;
    }

    // Does not fail: those who wait for a group or a truncation are told of its failure.
    private async Task WorkAsync()
    {
        while (true)
        {
            var (truncation, group, idle) = Take();
            if (truncation is not null) await TruncateAsync(truncation).ConfigureAwait(false);
            if (group is not null) await AppendAsync(group).ConfigureAwait(false);
            if (idle is null) continue;
            idle.SetResult();
            return;
        }
    }

    private (Truncation? Truncation, AppendGroup? Group, TaskCompletionSource? Idle) Take()
    {
        lock (_lock)
        {
            var (truncation, group, idle) = (_truncation, _gathering, (TaskCompletionSource?)null);
            _truncation = null;
            _gathering = null;
            if (truncation is null && group is null)
            {
                idle = _working;
                _working = null;
            }

            return (truncation, group, idle);
        }
    }

    // Two steps, so that in a simulation a crash can come between writing and flushing.
    private async Task AppendAsync(AppendGroup group)
    {
        try
        {
            if (_segments.IsBroken) throw Refusal();
            await _directory.Files.RunAsync(() => Step(group.Batches, static (log, batches) => log.Write(batches))).ConfigureAwait(false);
            await _directory.Files.RunAsync(() => Step(group, static (log, _) => log.Commit())).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            End(e);
            group.Fail(e);
            return;
        }

        lock (_lock) _waitingBytes -= group.Bytes;
        Volatile.Write(ref _lastSequence, group.LastSequence);
        group.Complete();
    }

    private async Task TruncateAsync(Truncation truncation)
    {
        try
        {
            if (_segments.IsBroken) throw Refusal();
            await _directory.Files.RunAsync(() => Step(truncation, static (log, truncation) => log.Truncate(truncation.ThroughSequence))).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (_segments.IsBroken) End(e);
            truncation.Completion.SetException(e);
            _ = truncation.Completion.Task.Exception; // who waited may have given up
            return;
        }

        truncation.Completion.SetResult();
    }

    private bool Step<T>(T argument, Action<SegmentLog, T> step)
    {
        step(_segments, argument);
        return true;
    }

    // Nothing is taken any more; the groups that gathered meanwhile are told so by the worker.
    private void End(Exception error)
    {
        var first = false;
        lock (_lock)
        {
            if (_refusal is null)
            {
                first = true;
                _refusal = error is StaleEpochException stale
                    ? () => new StaleEpochException(Name, Epoch, stale.Current)
                    : () => Failed($"an earlier append failed: {error.Message.TrimEnd('.')}", error);
            }
        }

        if (first) _log.Ended(error, Name);
    }

    private Exception Refusal()
    {
        lock (_lock) return _refusal?.Invoke() ?? Failed("its file is in an unknown state", cause: null);
    }

    private async Task CloseAsync(Func<Exception> refusal)
    {
        TaskCompletionSource closed;
        Task? before;
        Task working;
        lock (_lock)
        {
            before = _closed?.Task;
            closed = _closed ??= new TaskCompletionSource(_directory.Files.Completions);
            working = _working?.Task ?? Task.CompletedTask;
            Refuse(refusal);
        }

        if (before is not null)
        {
            await before.ConfigureAwait(false);
            return;
        }

        await working.ConfigureAwait(false);
        try
        {
            await _directory.Files.RunAsync(() => Step(0, static (log, _) => log.Dispose())).ConfigureAwait(false);
            closed.SetResult();
        }
        catch (Exception e)
        {
            closed.SetException(e);
            throw;
        }
    }
}
