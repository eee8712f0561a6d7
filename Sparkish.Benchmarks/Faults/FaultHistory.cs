#pragma warning disable MA0048 // what was acknowledged and what is there belong together
using System.Runtime.InteropServices;

namespace Sparkish.Benchmarks.Faults;

/// <summary>An event that a store acknowledged to a candidate, or that is in the journal.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FaultEvent(long Epoch, long Sequence, string Text);

/// <summary>What a store answered to a candidate: an event is safe.</summary>
/// <param name="Event">The event.</param>
/// <param name="Zxid">The number of ZooKeeper's transaction; 0 if the store has no such number or the answer was lost.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FaultAcknowledgement(FaultEvent Event, long Zxid);

/// <summary>From the first to the last moment at which a leader said of itself that it led, by the machine's clock.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FaultTerm(long Epoch, int Process, long First, long Last);

/// <summary>What candidates said, and whether it agrees with the journal: pure.</summary>
internal static class FaultHistory
{
    /// <summary>All that is wrong; nothing if nothing is.</summary>
    /// <param name="acknowledged">What candidates were acknowledged.</param>
    /// <param name="terms">When candidates led.</param>
    /// <param name="journal">What is there, in order.</param>
    public static IEnumerable<string> Violations(
        IReadOnlyCollection<FaultEvent> acknowledged, IReadOnlyCollection<FaultTerm> terms, IReadOnlyList<FaultEvent> journal) =>
        [.. OfOrder(journal), .. OfAcknowledgements(acknowledged, journal), .. OfLeaders(terms)];

    private static IEnumerable<string> OfOrder(IReadOnlyList<FaultEvent> journal)
    {
        for (var i = 0; i < journal.Count; i++)
        {
            if (journal[i].Sequence != i + 1) yield return $"event {journal[i].Sequence} stands where {i + 1} should";
            if (i > 0 && journal[i].Epoch < journal[i - 1].Epoch) yield return $"event {journal[i].Sequence} of epoch {journal[i].Epoch} comes after a later epoch";
        }

        foreach (var twice in journal.GroupBy(static e => e.Text).Where(static same => same.Count() > 1))
            yield return $"event '{twice.Key}' is there {twice.Count()} times";
        foreach (var epoch in journal.GroupBy(static e => e.Epoch).Where(static epoch => epoch.Select(static e => e.Text.Split('.')[0]).Distinct().Count() > 1))
            yield return $"several processes wrote under epoch {epoch.Key}";
    }

    private static IEnumerable<string> OfAcknowledgements(IReadOnlyCollection<FaultEvent> acknowledged, IReadOnlyList<FaultEvent> journal)
    {
        var there = journal.ToHashSet();
        foreach (var lost in acknowledged.Where(e => !there.Contains(e))) yield return $"acknowledged and lost: {lost}";
    }

    private static IEnumerable<string> OfLeaders(IReadOnlyCollection<FaultTerm> terms)
    {
        FaultTerm? longest = null;
        foreach (var term in terms.OrderBy(static term => term.First))
        {
            if (longest is { } before && term.First < before.Last)
                yield return $"two current leaders: process {before.Process} under epoch {before.Epoch} and process {term.Process} under epoch {term.Epoch}";
            if (longest is null || term.Last > longest.Value.Last) longest = term;
        }
    }
}
