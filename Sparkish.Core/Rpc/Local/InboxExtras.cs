namespace Sparkish.Rpc.Local;

/// <summary>State that only some endpoints need, kept apart so that an idle endpoint stays small.</summary>
internal sealed class InboxExtras
{
    private Suspension? _suspension;

    /// <summary>Creates a new instance for a restart; null again when the endpoint has stopped. Owned by the turn.</summary>
    public Func<RpcEndpoint>? Factory { get; set; }

    public RestartLimit Limit { get; init; } = RestartLimit.Default;

    /// <summary>Number of instances that restarts have replaced: identifies the instance of an event. Written by the turn.</summary>
    public int Generation { get; set; }

    /// <summary>When the restarts within the limit's window were, oldest first. The turn's own.</summary>
    public Queue<long> Restarts { get; } = new();

    /// <summary>The failure of the new instance while restarts continue. Owned by the turn.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether a restart is in progress. Owned by the turn.</summary>
    public bool IsRestarting { get; set; }

    /// <summary>The reason why the inbox is suspended; null if it is not. Written by the turn.</summary>
    public Suspension? Suspension
    {
        get => Volatile.Read(ref _suspension);
        set => Volatile.Write(ref _suspension, value);
    }

    /// <summary>Signals awaiting handlers that nothing waits for them any more; null if handlers may not await.</summary>
    public CancellationTokenSource? Abandoned { get; init; }

    /// <summary>The timers that send to this endpoint.</summary>
    public TimerSet Timers { get; } = new();

    /// <summary>Handlers that run at this moment, and whether the turn waits for them; a concurrent endpoint's.</summary>
    public ConcurrentHandlers? Concurrent { get; init; }
}
