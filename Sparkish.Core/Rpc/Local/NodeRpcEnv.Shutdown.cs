namespace Sparkish.Rpc.Local;

/// <content>The end of the env, and of single endpoints, by a deadline or without.</content>
internal abstract partial class NodeRpcEnv
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5); // longer than the limit for flushing sent messages

    private readonly CancellationTokenSource _giveUp = new();
    private readonly List<string> _abandoned = [];
    private readonly List<ShutdownFailure> _failures = [];
    private int _disposed;

    public sealed override ValueTask DisposeAsync()
    {
        if (IsKilled) return ValueTask.CompletedTask;
        BeginShutdown();
        return new ValueTask(_ended.Task);
    }

    public sealed override async Task<ShutdownReport> ShutdownAsync(TimeSpan deadline)
    {
        CheckDeadline(deadline);
        if (IsKilled) return new ShutdownReport([], [], MissedDeadline: false);
        using var timer = deadline == Timeout.InfiniteTimeSpan ? null : LongTimer.Start(Time, _giveUp.Cancel, deadline, Timeout.InfiniteTimeSpan);
        BeginShutdown();
        await _ended.Task.ConfigureAwait(false);
        return new ShutdownReport(_abandoned, _failures, _giveUp.IsCancellationRequested);
    }

    public sealed override async Task<bool> StopAsync(RpcEndpointRef endpoint, TimeSpan? deadline = null)
    {
        var limit = deadline ?? Timeout.InfiniteTimeSpan;
        CheckDeadline(limit);
        Stop(endpoint);
        if (Dispatcher.FindStopping(endpoint) is not { } inbox) return true;
        var end = Dispatcher.EndOf(inbox);
        using var timer = limit == Timeout.InfiniteTimeSpan ? null : LongTimer.Start(Time, () => Dispatcher.TryAbandon(inbox), limit, Timeout.InfiniteTimeSpan);
        return await end.ConfigureAwait(false);
    }

    private static void CheckDeadline(TimeSpan deadline)
    {
        if (deadline != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(deadline, TimeSpan.Zero);
    }

    private void BeginShutdown()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) Begin(ShutDownAsync);
    }

    private async Task ShutDownAsync()
    {
        try
        {
            await RunPhaseAsync(ShutdownPhase.BeforeEndpointsStop).ConfigureAwait(false);
            _timers.Close();
            _abandoned.AddRange(await Dispatcher.StopAsync(system: false, _giveUp.Token).ConfigureAwait(false));
            await RunPhaseAsync(ShutdownPhase.AfterEndpointsStop).ConfigureAwait(false);
            _abandoned.AddRange(await Dispatcher.StopAsync(system: true, _giveUp.Token).ConfigureAwait(false));
            Deadlines.Close(() => new RpcEnvStoppedException(Name)); // nothing is left to reply to pending asks within this env
            await RunPhaseAsync(ShutdownPhase.BeforeConnectionsClose).ConfigureAwait(false);
            await CloseInTimeAsync().ConfigureAwait(false);
            DeadLetters.Dispose();
            RpcMeter.Remove(this);
            await RunPhaseAsync(ShutdownPhase.AfterConnectionsClose).ConfigureAwait(false);
            if (_escalated is { } error) _termination.TrySetException(error);
            else _termination.TrySetResult(true);
            _ended.TrySetResult(true);
        }
        catch (Exception error)
        {
            Log.BackgroundTaskFailed(error, Name);
            _termination.TrySetException(error);
            _ended.TrySetException(error);
        }
    }

    private async Task RunPhaseAsync(ShutdownPhase phase)
    {
        var failures = await CoordinatedShutdown.RunAsync(phase, Time, RunBlockingAsync, _giveUp.Token).ConfigureAwait(false);
        foreach (var failure in failures) Log.ShutdownTaskFailed(failure.Error, failure.Task, Name, phase);
        _failures.AddRange(failures);
    }

    /// <summary>Closes connections; after the deadline of the shutdown, only for a moment.</summary>
    private async Task CloseInTimeAsync()
    {
        var late = NewCompletion<bool>();
        ITimer? moment = null;
        using var registration =
            _giveUp.Token.UnsafeRegister(
                _ => moment = Time.CreateTimer(
                    static late => ((TaskCompletionSource<bool>)late!).TrySetResult(true), late, CloseGrace, Timeout.InfiniteTimeSpan), null);
        var closing = CloseAsync();
        await Task.WhenAny(closing, late.Task).ConfigureAwait(false);
        moment?.Dispose();
        if (closing.IsCompleted) await closing.ConfigureAwait(false);
        else Log.CloseAbandoned(Name);
    }
}
