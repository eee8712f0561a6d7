using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>A pending suspicion: its start, the nodes that share it, and this node's own observations.</summary>
/// <param name="Since">Since when the node is silent: when the first call that this node missed was sent, or when it first heard of it.</param>
/// <param name="IsOwn">Whether this node itself missed a reply. A node that only heard of it waits longer, so that those with evidence decide.</param>
/// <param name="By">All nodes that share it, or have probed the node without a reply on behalf of one that does.</param>
/// <param name="Refused">Those among them whose connections were refused: the process is gone, not slow.</param>
/// <param name="Reason">The missed reply of the first of them.</param>
/// <param name="LastCalls">Number of last calls sent.</param>
/// <param name="LastCallAt">The time of the latest of them.</param>
internal sealed record Suspicion(
    TimeSpan Since, bool IsOwn, ImmutableHashSet<RpcAddress> By, ImmutableHashSet<RpcAddress> Refused,
        string Reason, int LastCalls = 0, TimeSpan LastCallAt = default)
{
    /// <summary>
    /// Number of probes before a node gives up another one, whether it observed or only heard of its silence. They are one pause apart, and one reply is
    /// enough.
    /// </summary>
    public const int AllLastCalls = 6;

    public static readonly TimeSpan LastCallPause = TimeSpan.FromMilliseconds(250);

    private const double HearsayFactor = 1.5;

    /// <summary>Returns the next step and its time: a last call, or the end. The end never comes without the calls, however fast the deadline moves.</summary>
    public (TimeSpan At, bool IsEnd) Next(SwimOptions options, int groupSize) => LastCalls switch
    {
        0 => (Deadline(options, groupSize) - (LastCallPause * AllLastCalls), false),
        AllLastCalls => (LastCallAt + LastCallPause, true),
        _ => (LastCallAt + LastCallPause, false),
    };

    /// <summary>The same after a pause in which this node heard nothing.</summary>
    public Suspicion Later(TimeSpan pause) => this with { Since = Since + pause, LastCallAt = LastCallAt + pause };

    /// <summary>
    /// Returns the time at which the silent node is given up. Lifeguard's rule: the more nodes share the suspicion, the shorter the wait, between twice the
    /// timeout and the timeout itself. A node that only heard of it leaves time for the rumor to reach the suspect and for its answer, which takes the
    /// logarithm of the group's size.
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
