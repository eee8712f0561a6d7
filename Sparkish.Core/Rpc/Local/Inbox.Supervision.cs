namespace Sparkish.Rpc.Local;

/// <content>The life of the instances behind an inbox: start, supervision after an error, restart, stop.</content>
internal sealed partial class Inbox
{
    /// <summary>Runs OnStart of the instance.</summary>
    public void StartInstance()
    {
        try
        {
            _endpoint.OnStart();
        }
        catch (Exception error)
        {
            React(error);
        }
    }

    /// <summary>The last step: OnStop, then the watchers are notified.</summary>
    public void Finish()
    {
        StopInstance();
        Interlocked.Exchange(ref _finished, 1); // pairs with Observe
        _extras?.Timers.Close();
        _scheduler.Release();
        _dispatcher.Finished(this, Volatile.Read(ref _observed));
        LetGo();
    }

    /// <summary>Refs and tables of connections keep this inbox for long: they must not keep the instance, whose assembly may be unloaded.</summary>
    private void LetGo()
    {
        _endpoint = StoppedEndpoint.Instance;
        _context = null;
        if (_extras is not { } extras) return;
        extras.Factory = null;
        extras.Failure = null;
    }

    /// <summary>Asks the endpoint for the directive after an error, and applies it; an abandoned endpoint is not asked.</summary>
    private void React(Exception error)
    {
        if (IsAbandoned)
        {
            if (error is not OperationCanceledException) Report(error); // it was asked to stop
            return;
        }

        switch (AskForDirective(error))
        {
            case ErrorDirective.Restart when _extras?.Concurrent is not null: Add(new StepEnvelope(inbox => inbox.Restart(error))); break;
            case ErrorDirective.Restart: Restart(error); break;
            case ErrorDirective.Stop: _dispatcher.Unregister(this); break;
            case ErrorDirective.Escalate: _dispatcher.Escalate(_self, error); break;
        }
    }

    private ErrorDirective AskForDirective(Exception error)
    {
        try
        {
            return _endpoint.OnError(error);
        }
        catch (Exception second)
        {
            _dispatcher.Log.OnErrorFailed(second, _self.Name);
            return ErrorDirective.Resume;
        }
    }

    /// <summary>Creates new instances until one starts, or the limit is reached.</summary>
    private void Restart(Exception error)
    {
        if (_finished != 0) return;
        if (_extras?.Factory is not { } factory)
        {
            _dispatcher.Log.NotRestartable(error, _self.Name);
            _dispatcher.Unregister(this);
            return;
        }

        _extras.Failure = error;
        if (!_extras.IsRestarting) RestartWhileFailing(_extras, factory); // else OnStart of a new instance failed: the loop continues
    }

    private void RestartWhileFailing(InboxExtras extras, Func<RpcEndpoint> factory)
    {
        while (extras.Failure is { } failure && MayRestart(extras, failure))
        {
            var mayPause = extras.Limit.MinBackoff > TimeSpan.Zero || failure is IOutage;
            var pause = mayPause ? extras.Limit.PauseAfter(extras.Restarts.Count - 1, _dispatcher.NextJitter(), failure) : TimeSpan.Zero;
            _dispatcher.Log.Restarting(failure, _self.Name, pause);
            RpcMeter.CountRestart(_dispatcher.EnvName);
            Retire(extras);
            if (pause > TimeSpan.Zero && Volatile.Read(ref _stopping) == 0)
            {
                Pause(pause, extras, () =>
                {
                    Renew(extras, factory);
                    RestartWhileFailing(extras, factory);
                });
                return;
            }

            Renew(extras, factory);
        }
    }

    /// <summary>Ends the failed instance; <see cref="Renew"/> creates the next one.</summary>
    private void Retire(InboxExtras extras)
    {
        StopInstance();
        extras.Timers.CancelAll();
        _dispatcher.ForgetWatches(this);
        extras.Failure = null;
        extras.Generation++;
        Volatile.Write(ref _endpoint, StoppedEndpoint.Instance);
    }

    /// <summary>Replaces the instance by a new one.</summary>
    private void Renew(InboxExtras extras, Func<RpcEndpoint> factory)
    {
        extras.IsRestarting = true;
        try
        {
            var endpoint = Dispatcher.Make(factory, _self);
            if (extras.Abandoned is { } abandoned) (endpoint as AsyncRpcEndpoint)?.LetAwait(abandoned.Token);
            Volatile.Write(ref _endpoint, endpoint);
            _context = NewContext(endpoint); // work that the old instance began keeps its own
            if (_context is null) HandlerContext.Leave();
            else _context.Enter();
            StartInstance();
        }
        catch (Exception error)
        {
            extras.Failure = error;
        }

        extras.IsRestarting = false;
    }

    private HandlerContext? NewContext(RpcEndpoint endpoint) =>
        _scheduler.HasContext && (endpoint is AsyncRpcEndpoint || AsyncVoid.IsPossibleIn(endpoint.GetType())) ? new HandlerContext(this, endpoint) : null;

    private bool MayRestart(InboxExtras extras, Exception failure)
    {
        var time = _dispatcher.Time;
        while (extras.Restarts.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= extras.Limit.Within) extras.Restarts.Dequeue();
        if (extras.Restarts.Count >= extras.Limit.MaxRestarts)
        {
            _dispatcher.Log.TooManyRestarts(failure, _self.Name, extras.Limit.MaxRestarts, extras.Limit.Within);
            _dispatcher.Unregister(this);
            return false;
        }

        extras.Restarts.Enqueue(time.GetTimestamp());
        return true;
    }

    private void StopInstance()
    {
        try
        {
            _endpoint.OnStop();
        }
        catch (Exception error)
        {
            _dispatcher.Log.OnStopFailed(error, _self.Name);
        }
    }

    /// <summary>Stands in for an instance that the factory failed to create while the endpoint stops, and for one that has stopped.</summary>
    private sealed class StoppedEndpoint : RpcEndpoint
    {
        public static readonly StoppedEndpoint Instance = new();
    }
}
