namespace Sparkish.Rpc.Local;

/// <content>Waiting between two entries: for the task of a handler, or for the pause before a restart.</content>
internal sealed partial class Inbox
{
    /// <summary>Whether the env no longer waits for the end of this endpoint. Owned by the dispatcher, under its lock.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Signals the running handler that nothing waits for it, and the turn that it is the last one.</summary>
    public void Abandon()
    {
        Interlocked.Increment(ref _abandonments);
        try
        {
            _extras?.Abandoned?.Cancel();
        }
        catch (AggregateException error)
        {
            Report(error); // of a handler's own callbacks
        }
    }

    /// <summary>Continues with what the inbox waited for; false if it still waits, which ends the turn.</summary>
    private static bool TryGoOn(InboxExtras extras)
    {
        while (extras.Suspension is { } suspension)
        {
            if (suspension.TryLeave()) return false;
            extras.Suspension = null;
            suspension.GoOn();
        }

        return true;
    }

    /// <summary>Handles one entry after the other, each to the completion of its task.</summary>
    private void RunAwaiting(Turn turn, InboxExtras extras)
    {
        for (var left = _scheduler.MessagesPerTurn; left > 0; left--)
        {
            if (TryTake(ref _head) is not { } envelope)
            {
                if (TryRest(_head)) return;
                continue;
            }

            var endpoint = envelope is StepEnvelope ? null : LiveInstance;
            if (endpoint is null) HandleApart(envelope, endpoint);
            else if (TryDeliver(envelope, endpoint) && endpoint is AsyncRpcEndpoint awaiting) Await(awaiting, envelope, extras);
            if (extras.Suspension is null) envelope.Clear();
            turn.Step();
            if (!TryGoOn(extras)) return;
        }

        _scheduler.Schedule(this, preferLocal: false);
    }

    /// <summary>Waits for the last started handler, if it has not completed yet.</summary>
    private void Await(AsyncRpcEndpoint endpoint, Envelope envelope, InboxExtras extras)
    {
        var running = endpoint.TakeRunning();
        if (running is null) return;
        var suspension = new Suspension(this, _scheduler, () => Conclude(running, envelope), isPause: false);
        extras.Suspension = suspension;
        var awaiter = running.ConfigureAwait(false).GetAwaiter();
        awaiter.UnsafeOnCompleted(suspension.Resume);
    }

    private void Conclude(Task ended, Envelope envelope)
    {
        if ((ended.Exception?.InnerException ?? (ended.IsCanceled ? new TaskCanceledException(ended) : null)) is { } error)
        {
            envelope.Fail(error);
            React(error);
        }

        envelope.Clear();
    }

    /// <summary>Waits for a while of the env's clock, unless the endpoint is stopped before.</summary>
    private void Pause(TimeSpan pause, InboxExtras extras, Action goOn)
    {
        IDisposable? timer = null;
        var suspension = new Suspension(this, _scheduler, () =>
        {
            timer?.Dispose();
            goOn();
        }, isPause: true);
        extras.Suspension = suspension;
        try
        {
            timer = LongTimer.Start(TimersOf(_dispatcher.Time), suspension.Resume, pause, Timeout.InfiniteTimeSpan);
        }
        catch (Exception error)
        {
            Report(error); // a clock that creates no timer: restart at once rather than never
            suspension.Resume();
        }

        if (Volatile.Read(ref _stopping) != 0) suspension.Resume();
    }
}
