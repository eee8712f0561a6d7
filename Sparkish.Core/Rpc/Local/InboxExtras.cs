namespace Sparkish.Rpc.Local;

/// <summary>What only some endpoints have, kept apart so that an idle one stays small.</summary>
internal sealed class InboxExtras
{
    private Suspension? _suspension;

    /// <summary>Makes a fresh instance for a restart; null again when the endpoint has stopped. The turn's own.</summary>
    public Func<RpcEndpoint>? Factory { get; set; }

    public RestartLimit Limit { get; init; } = RestartLimit.Default;

    /// <summary>How many instances a restart has replaced: which instance an event was made for. The turn's own to write.</summary>
    public int Generation { get; set; }

    /// <summary>When the restarts within the limit's window were, oldest first. The turn's own.</summary>
    public Queue<long> Restarts { get; } = new();

    /// <summary>What the fresh instance failed with, while restarts go on. The turn's own.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether restarts go on at this moment. The turn's own.</summary>
    public bool IsRestarting { get; set; }

    /// <summary>What the inbox waits for before it goes on; null unless it does. The turn's own to write.</summary>
    public Suspension? Suspension
    {
        get => Volatile.Read(ref _suspension);
        set => Volatile.Write(ref _suspension, value);
    }

    /// <summary>Tells handlers that may await that nobody waits for them any more; null where they may not.</summary>
    public CancellationTokenSource? Abandoned { get; init; }

    /// <summary>The timers that send to this endpoint.</summary>
    public TimerSet Timers { get; } = new();

    /// <summary>Handlers that run at this moment, and whether the turn waits for them; a concurrent endpoint's.</summary>
    public ConcurrentHandlers? Concurrent { get; init; }
}
