using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sparkish.Diagnostics;

namespace Sparkish.Rpc;

/// <summary>
/// The instruments of all envs of this process, under the meter <c>Sparkish.Rpc</c>. Tags are bounded: the env's name, a reason, an outcome, a direction; never
/// an endpoint or a peer. Observable instruments are computed on collection only.
/// </summary>
internal static class RpcMeter
{
    public const string Name = "Sparkish.Rpc";
    private const string Env = "sparkish.rpc.env";

    private static readonly Lock Lock = new();
    private static readonly List<WeakReference<IMeasuredEnv>> Envs = []; // weak: a killed simulated node never unregisters
    private static readonly Meter Meter = new(Name, typeof(RpcMeter).Assembly.GetName().Version?.ToString(3));

    private static readonly Counter<long> AskCount = Meter.CreateCounter<long>("sparkish.rpc.asks", "{ask}", "Asks that have ended, by outcome.");
    private static readonly Counter<long> RestartCount =
        Meter.CreateCounter<long>("sparkish.rpc.endpoint.restarts", "{restart}", "Restarts of endpoints after an error.");
    private static readonly Counter<long> DeadLetterCount =
        Meter.CreateCounter<long>("sparkish.rpc.dead_letters", "{message}", "Messages that were not delivered, by reason.");
    private static readonly Counter<long> IoBytes =
        Meter.CreateCounter<long>("sparkish.rpc.network.io", "By", "Bytes of frames over message connections, by direction.");

    private static int _listenerFailed;

    private static readonly KeyValuePair<string, object?> Transmit = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new("network.io.direction", "receive");

    static RpcMeter()
    {
        Observe("sparkish.rpc.asks.active", "{ask}", "Asks that wait for their outcome.", static env => env.AsksWaiting);
        Observe("sparkish.rpc.inbox.messages", "{message}", "Messages that wait in the inboxes of all endpoints.", static env => env.MeasureInboxes().Sum);
        Observe("sparkish.rpc.connections", "{connection}", "Open message connections.", static env => env.MeasureConnections().Open);
        Observe("sparkish.rpc.outbox.usage", "By", "Bytes that wait to be sent to all peers, including those held back.",
            static env => env.MeasureConnections().WaitingBytes);
        Observe("sparkish.rpc.outbox.held", "By", "Bytes that are held back until their receivers grant room.",
            static env => env.MeasureConnections().HeldBytes);
        Meter.CreateObservableGauge("sparkish.rpc.inbox.messages.max",
            static () => Measure(static env => env.MeasureInboxes().Max, Math.Max), "{message}", "Messages that wait in the fullest inbox.");
    }

    /// <summary>Adds an env to those that are observed.</summary>
    public static void Add(IMeasuredEnv env)
    {
        lock (Lock)
        {
            Envs.RemoveAll(static known => !known.TryGetTarget(out _));
            Envs.Add(new WeakReference<IMeasuredEnv>(env));
        }
    }

    /// <summary>Called when the env has stopped.</summary>
    public static void Remove(IMeasuredEnv env)
    {
        lock (Lock) Envs.RemoveAll(known => !known.TryGetTarget(out var target) || target == env);
    }

    /// <summary>Whether an env is among those that are observed.</summary>
    public static bool IsObserved(object env)
    {
        lock (Lock) return Envs.Exists(known => known.TryGetTarget(out var target) && ReferenceEquals(target, env));
    }

    /// <summary>Whether there is a listener for asks.</summary>
    public static bool CountsAsks => AskCount.Enabled;

    /// <summary>Called when an ask has ended.</summary>
    public static void CountAsk(string env, AskOutcome outcome) => Add(AskCount, 1, env, new("sparkish.rpc.outcome", TextOf(outcome)));

    /// <summary>An endpoint is restarted.</summary>
    public static void CountRestart(string env)
    {
        if (RestartCount.Enabled) Add(RestartCount, 1, env, tag: null);
    }

    /// <summary>Messages were not delivered.</summary>
    public static void CountDeadLetters(string env, DeadLetterReason reason, long count)
    {
        if (DeadLetterCount.Enabled) Add(DeadLetterCount, count, env, new("sparkish.rpc.reason", TextOf(reason)));
    }

    /// <summary>Frames were handed to a connection.</summary>
    public static void CountSent(string env, int bytes)
    {
        if (IoBytes.Enabled) Add(IoBytes, bytes, env, Transmit);
    }

    /// <summary>Called when bytes were received on a connection.</summary>
    public static void CountReceived(string env, int bytes)
    {
        if (IoBytes.Enabled) Add(IoBytes, bytes, env, Receive);
    }

    /// <summary>Records a measurement. Listeners are user code: their exceptions must not affect the measured operation.</summary>
    private static void Add(Counter<long> counter, long value, string env, KeyValuePair<string, object?>? tag)
    {
        try
        {
            if (tag is { } second) counter.Add(value, new(Env, env), second);
            else counter.Add(value, new KeyValuePair<string, object?>(Env, env));
        }
        catch (Exception error)
        {
            if (Interlocked.Exchange(ref _listenerFailed, 1) == 0)
                LastResort.Write($"A listener of the meter {Name} failed; its further failures are not reported.", error);
        }
    }

    private static void Observe(string name, string unit, string description, Func<IMeasuredEnv, long> measure) =>
        Meter.CreateObservableUpDownCounter(name, () => Measure(measure, static (left, right) => left + right), unit, description);

    /// <summary>One measurement per env name: two envs with one name would otherwise overwrite each other.</summary>
    private static IEnumerable<Measurement<long>> Measure(Func<IMeasuredEnv, long> measure, Func<long, long, long> join)
    {
        IMeasuredEnv[] envs;
        lock (Lock) envs = [.. Envs.Select(static known => known.TryGetTarget(out var env) ? env : null).OfType<IMeasuredEnv>()];
        return [.. envs.GroupBy(static env => env.Name, StringComparer.Ordinal)
            .Select(group => new Measurement<long>(group.Select(measure).Aggregate(join), new KeyValuePair<string, object?>(Env, group.Key)))];
    }

    private static string TextOf(AskOutcome outcome) => outcome switch
    {
        AskOutcome.Completed => "completed",
        AskOutcome.Failed => "failed",
        AskOutcome.TimedOut => "timed_out",
        AskOutcome.Cancelled => "cancelled",
        _ => throw new UnreachableException(),
    };

    private static string TextOf(DeadLetterReason reason) => reason switch
    {
        DeadLetterReason.EndpointNotFound => "endpoint_not_found",
        DeadLetterReason.EnvStopped => "env_stopped",
        DeadLetterReason.PeerUnreachable => "peer_unreachable",
        DeadLetterReason.PeerLeft => "peer_left",
        DeadLetterReason.OutboxFull => "outbox_full",
        DeadLetterReason.Unreadable => "unreadable",
        DeadLetterReason.LateReply => "late_reply",
        _ => "other",
    };
}

/// <summary>The outcome of an ask.</summary>
internal enum AskOutcome
{
    /// <summary>With a reply.</summary>
    Completed,

    /// <summary>With a failure: the endpoint's, or of the way to it.</summary>
    Failed,

    /// <summary>No reply in time.</summary>
    TimedOut,

    /// <summary>Cancelled by the asker.</summary>
    Cancelled,
}

/// <summary>The observed values of an env. Thread-safe.</summary>
internal interface IMeasuredEnv
{
    string Name { get; }

    /// <summary>The number of asks that wait.</summary>
    long AsksWaiting { get; }

    /// <summary>The length of all inboxes together, and of the longest.</summary>
    (long Sum, long Max) MeasureInboxes();

    /// <summary>The open connections and the bytes that wait to be sent over them.</summary>
    ConnectionsUsage MeasureConnections();
}

/// <summary>The resources that the connections of an env use.</summary>
internal readonly record struct ConnectionsUsage(long Open, long WaitingBytes, long HeldBytes);
