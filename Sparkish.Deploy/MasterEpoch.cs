using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy;

/// <summary>
/// The term of a leader. Each command of a master carries it, so that a worker or driver refuses the commands of an earlier leader. Terms are compared within
/// one journal only: masters that share no journal know nothing of each other.
/// </summary>
/// <param name="Journal">Identifies the journal; drawn at its first event. A master without a recovery mode has another one at each start.</param>
/// <param name="Term">The epoch under which the leader writes the journal; larger for each later leader.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MasterEpoch(long Journal, long Term)
{
    /// <summary>Whether a later leader of the same journal has replaced this one.</summary>
    public bool IsOlderThan(MasterEpoch other) => Journal == other.Journal && Term < other.Term;

    /// <summary>Whether this is the same leader, or a later one of the same journal.</summary>
    public bool IsSameOrLaterThan(MasterEpoch other) => Journal == other.Journal && Term >= other.Term;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Term} of journal {Journal:x}");
}
