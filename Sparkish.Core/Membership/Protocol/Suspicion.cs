using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>A suspicion that runs: since when, on whose word, and what this node itself saw.</summary>
/// <param name="Since">Since when the node is silent: when the first call that this node missed was sent, or when it first heard of it.</param>
/// <param name="IsOwn">Whether this node missed an answer itself. Who only heard of it waits longer, so that those who saw it decide.</param>
/// <param name="By">All who share it, or have tried the node in vain for one who does.</param>
/// <param name="Refused">Those among them who were refused a connection: the process is gone, not slow.</param>
/// <param name="Reason">What the first of them missed.</param>
/// <param name="LastCalls">How many last calls were sent.</param>
/// <param name="LastCallAt">When the latest of them was sent.</param>
internal sealed record Suspicion(
    TimeSpan Since, bool IsOwn, ImmutableHashSet<RpcAddress> By, ImmutableHashSet<RpcAddress> Refused,
        string Reason, int LastCalls = 0, TimeSpan LastCallAt = default)
{
    /// <summary>
    /// Before a node gives another up, whether it saw or only heard of its silence, it calls so often, one pause apart, and is content with one answer.
    /// </summary>
    public const int AllLastCalls = 6;

    public static readonly TimeSpan LastCallPause = TimeSpan.FromMilliseconds(250);

    private const double HearsayFactor = 1.5;

    /// <summary>What comes next, and when: a last call, or the end. The end never comes without the calls, however fast the deadline moves.</summary>
    public (TimeSpan At, bool IsEnd) Next(SwimOptions options, int groupSize) => LastCalls switch
    {
        0 => (Deadline(options, groupSize) - (LastCallPause * AllLastCalls), false),
        AllLastCalls => (LastCallAt + LastCallPause, true),
        _ => (LastCallAt + LastCallPause, false),
    };

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public Suspicion Later(TimeSpan pause) => this with { Since = Since + pause, LastCallAt = LastCallAt + pause };

    /// <summary>
    /// When the silent node is given up. Lifeguard's rule: the more share the suspicion, the shorter, between twice the timeout and the timeout itself. Who
    /// only heard of it gives news time to reach the suspect and to come back, which takes the logarithm of the group's size.
    /// </summary>
    private TimeSpan Deadline(SwimOptions options, int groupSize)
    {
        var others = Math.Min(By.Count - 1, options.SuspicionConfirmations);
        var needed = Math.Min(options.SuspicionConfirmations, Math.Max(0, groupSize - 2));
        var missing = needed == 0 ? 0 : Math.Max(0, 1 - (Math.Log(others + 1) / Math.Log(needed + 1)));
        var hearsay = IsOwn ? 1 : HearsayFactor * Math.Max(1, Math.Log10(Math.Max(1, groupSize)) / 2);
        return Since + (options.SuspicionTimeout * (1 + missing) * hearsay);
    }
}
