#pragma warning disable MA0048 // the policy and the values that it moves belong together
using System.Runtime.InteropServices;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The stage of a connection on its way to authentication.</summary>
internal enum AdmissionStage
{
    /// <summary>No byte has been received.</summary>
    Silent,

    /// <summary>The first byte has been received, and the connection waits for a slot.</summary>
    Waiting,

    /// <summary>The connection has a slot and its handshake runs.</summary>
    Shaking,

    /// <summary>Its handshake is done, or it was dropped.</summary>
    Gone,
}

/// <summary>The reason why a connection was dropped.</summary>
internal enum AdmissionEnd
{
    /// <summary>The connection sent nothing in time.</summary>
    Silence,

    /// <summary>There were too many connections, and this one was the first to drop.</summary>
    Crowded,

    /// <summary>Its handshake was not done when another connection needed the place.</summary>
    TooSlow,
}

/// <summary>An unauthenticated connection.</summary>
internal class Candidate
{
    /// <param name="source">The remote address.</param>
    /// <param name="isKnown">Whether a peer has authenticated from this address before.</param>
    public Candidate(string source, bool isKnown)
    {
        (Source, IsKnown) = (source, isKnown);
        Node = new LinkedListNode<Candidate>(this);
    }

    public string Source { get; }

    public bool IsKnown { get; }

    /// <summary>Its entry in the list of its stage.</summary>
    public LinkedListNode<Candidate> Node { get; }

    public AdmissionStage Stage { get; set; }

    /// <summary>The reason why it was dropped; null if it was not.</summary>
    public AdmissionEnd? End { get; set; }

    /// <summary>The time at which it entered its stage.</summary>
    public TimeSpan Since { get; set; }

    /// <summary>Its place among all that entered a stage.</summary>
    public long Order { get; set; }
}

/// <summary>The consequences of a change.</summary>
/// <param name="Begun">The connections whose handshakes begin.</param>
/// <param name="Dropped">The connections that are dropped.</param>
/// <param name="Next">The time of the next check if nothing else happens; null for none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AdmissionStep(IReadOnlyList<Candidate> Begun, IReadOnlyList<Candidate> Dropped, TimeSpan? Next);

/// <summary>
/// Decides which connections start a handshake and which are dropped if there are too many. Silent ones are dropped first, oldest first. A source has a share
/// of the slots, and some slots are reserved for sources of authenticated peers. A slow handshake yields its slot to a waiting connection. The policy has no
/// clock, and one thread at a time uses it.
/// </summary>
internal sealed class AdmissionPolicy(AdmissionLimits limits)
{
    private readonly List<Source> _sources = [];
    private readonly Dictionary<string, int> _guests = new(StringComparer.Ordinal);
    private int _allGuests;
    private long _order;
    private int _held;
    private int _shaking;
    private int _shakingStrangers;

    /// <summary>Called when a connection was accepted.</summary>
    public AdmissionStep Arrive(Candidate candidate, TimeSpan now)
    {
        var dropped = new List<Candidate>();
        var source = SourceOf(candidate);
        if (source.Held >= limits.HeldPerSource) Drop(source.FirstToGo, AdmissionEnd.Crowded, dropped);
        else if (_held >= limits.Held) Drop(FirstToGo(), AdmissionEnd.Crowded, dropped);
        Enter(SourceOf(candidate), candidate, AdmissionStage.Silent, now);
        return Look(now, dropped);
    }

    /// <summary>Called when the first byte of a connection was received.</summary>
    public AdmissionStep Speak(Candidate candidate, TimeSpan now)
    {
        if (candidate.Stage != AdmissionStage.Silent) return Look(now, []);
        Exit(candidate);
        Enter(SourceOf(candidate), candidate, AdmissionStage.Waiting, now);
        return Look(now, []);
    }

    /// <summary>Called when a connection or its handshake has ended.</summary>
    public AdmissionStep Leave(Candidate candidate, TimeSpan now)
    {
        if (candidate.Stage != AdmissionStage.Gone) Exit(candidate);
        return Look(now, []);
    }

    /// <summary>Counts an open connection of a peer that the node does not trust; false if there are too many of them.</summary>
    public bool TryStay(string source)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_guests, source, out var isThere);
        if (_allGuests >= limits.Guests || count >= limits.GuestsPerSource)
        {
            if (!isThere) _guests.Remove(source);
            return false;
        }

        count++;
        _allGuests++;
        return true;
    }

    /// <summary>Called when a counted connection has ended.</summary>
    public void EndStay(string source)
    {
        _allGuests--;
        if (--CollectionsMarshal.GetValueRefOrNullRef(_guests, source) == 0) _guests.Remove(source);
    }

    /// <summary>Called when time has passed.</summary>
    public AdmissionStep Look(TimeSpan now) => Look(now, []);

    /// <summary>Called when the system has no room for further connections: drops some silent ones.</summary>
    public AdmissionStep Relieve(int count, TimeSpan now)
    {
        var dropped = new List<Candidate>();
        while (dropped.Count < count && FirstToGo() is { Stage: AdmissionStage.Silent } silent) Drop(silent, AdmissionEnd.Crowded, dropped);
        return Look(now, dropped);
    }

    private AdmissionStep Look(TimeSpan now, List<Candidate> dropped)
    {
        DropExpired(now, dropped);
        var begun = new List<Candidate>();
        TimeSpan? next = null;
        while (NextInLine() is { } candidate && TryBegin(candidate, now, begun, dropped, ref next))
        {
            // The next waiting connection may get a slot, too.
        }

        // Sources at their share wait only for slots of their own.
        foreach (var source in _sources.Where(source => source.Shaking.Count >= limits.PerSource && source.Waiting.First is not null).ToList())
        {
            while (source.Waiting.First is { Value: var candidate } && TryBegin(candidate, now, begun, dropped, ref next))
            {
                // As long as old handshakes of the same source can yield.
            }
        }

        foreach (var source in _sources)
        {
            if (source.Silent.First is { Value: var silent }) next = Earlier(next, silent.Since + limits.FirstByte);
            if (source.Waiting.First is { Value: var waiting }) next = Earlier(next, waiting.Since + limits.Patience);
        }

        return new AdmissionStep(begun, dropped, next);
    }

    private void DropExpired(TimeSpan now, List<Candidate> dropped)
    {
        foreach (var source in _sources.ToList())
        {
            while (source.Silent.First is { Value: var silent } && silent.Since + limits.FirstByte <= now) Drop(silent, AdmissionEnd.Silence, dropped);
            while (source.Waiting.First is { Value: var waiting } && waiting.Since + limits.Patience <= now) Drop(waiting, AdmissionEnd.Crowded, dropped);
        }
    }

    /// <summary>Returns the connection that gets the next slot: known sources first, then those with few handshakes, then the oldest.</summary>
    private Candidate? NextInLine()
    {
        // Called at every change, even if a single node connects. A loop starts sooner than a query, which the runtime compiles for each type of key.
        Source? next = null;
        foreach (var source in _sources)
        {
            if (source.Waiting.First is null || source.Shaking.Count >= limits.PerSource) continue;
            if (next is null || IsBefore(source, next)) next = source;
        }

        return next?.Waiting.First!.Value;
    }

    private static bool IsBefore(Source one, Source other)
    {
        if (one.IsKnown != other.IsKnown) return one.IsKnown;
        if (one.Shaking.Count != other.Shaking.Count) return one.Shaking.Count < other.Shaking.Count;
        return one.Waiting.First!.Value.Order < other.Waiting.First!.Value.Order;
    }

    private bool TryBegin(Candidate candidate, TimeSpan now, List<Candidate> begun, List<Candidate> dropped, ref TimeSpan? next)
    {
        if (FirstToGiveWay(candidate) is { } slow)
        {
            if (slow.Since + AdmissionLimits.Grace > now)
            {
                next = Earlier(next, slow.Since + AdmissionLimits.Grace);
                return false;
            }

            Drop(slow, AdmissionEnd.TooSlow, dropped);
        }

        Exit(candidate);
        Enter(SourceOf(candidate), candidate, AdmissionStage.Shaking, now);
        begun.Add(candidate);
        return true;
    }

    /// <summary>Returns the handshake whose slot a connection would get; null if a slot is free.</summary>
    private Candidate? FirstToGiveWay(Candidate candidate)
    {
        var own = SourceOf(candidate);
        if (own.Shaking.Count >= limits.PerSource) return own.Shaking.First!.Value;
        if (!candidate.IsKnown && _shakingStrangers >= limits.Places - limits.Reserved) return OldestOfBusiest(known: false);
        if (_shaking < limits.Places) return null;
        return (candidate.IsKnown ? OldestOfBusiest(known: false) : null) ?? OldestOfBusiest(known: null);
    }

    private Candidate? OldestOfBusiest(bool? known) => _sources
        .Where(source => source.Shaking.First is not null && (known is null || source.IsKnown == known))
        .OrderByDescending(source => source.Shaking.Count).ThenBy(source => source.Shaking.First!.Value.Order)
        .FirstOrDefault()?.Shaking.First!.Value;

    /// <summary>
    /// Returns the connection that a newcomer displaces if too many wait: the oldest silent one, from unknown sources first; else the oldest of the busiest
    /// source.
    /// </summary>
    private Candidate? FirstToGo() =>
        _sources.Where(source => source.Silent.First is not null)
            .OrderBy(source => source.IsKnown).ThenBy(source => source.Silent.First!.Value.Order).FirstOrDefault()?.Silent.First!.Value
        ?? _sources.Where(source => source.Waiting.First is not null)
            .OrderByDescending(source => source.Waiting.Count).FirstOrDefault()?.Waiting.First!.Value;

    private void Drop(Candidate? candidate, AdmissionEnd end, List<Candidate> dropped)
    {
        if (candidate is null) return;
        candidate.End = end;
        Exit(candidate);
        dropped.Add(candidate);
    }

    private void Enter(Source source, Candidate candidate, AdmissionStage stage, TimeSpan now)
    {
        (candidate.Stage, candidate.Since, candidate.Order) = (stage, now, _order++);
        source.In(stage).AddLast(candidate.Node);
        Count(candidate, stage, 1);
    }

    private void Exit(Candidate candidate)
    {
        var source = SourceOf(candidate);
        source.In(candidate.Stage).Remove(candidate.Node);
        Count(candidate, candidate.Stage, -1);
        candidate.Stage = AdmissionStage.Gone;
        if (source.IsEmpty) _sources.Remove(source);
    }

    private void Count(Candidate candidate, AdmissionStage stage, int change)
    {
        if (stage != AdmissionStage.Shaking)
        {
            _held += change;
            return;
        }

        _shaking += change;
        if (!candidate.IsKnown) _shakingStrangers += change;
    }

    private Source SourceOf(Candidate candidate)
    {
        foreach (var known in _sources)
        {
            if (known.IsKnown == candidate.IsKnown && string.Equals(known.Name, candidate.Source, StringComparison.Ordinal)) return known;
        }

        var source = new Source(candidate.Source, candidate.IsKnown);
        _sources.Add(source);
        return source;
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one is { } first && first < other ? first : other;

    /// <summary>The connections of one source, oldest first in each stage.</summary>
    private sealed class Source(string name, bool isKnown)
    {
        public string Name => name;

        public bool IsKnown => isKnown;

        public LinkedList<Candidate> Silent { get; } = new();

        public LinkedList<Candidate> Waiting { get; } = new();

        public LinkedList<Candidate> Shaking { get; } = new();

        public int Held => Silent.Count + Waiting.Count;

        public bool IsEmpty => Held + Shaking.Count == 0;

        public Candidate? FirstToGo => Silent.First?.Value ?? Waiting.First?.Value;

        public LinkedList<Candidate> In(AdmissionStage stage) => stage switch
        {
            AdmissionStage.Silent => Silent,
            AdmissionStage.Waiting => Waiting,
            AdmissionStage.Shaking => Shaking,
            _ => throw new InvalidOperationException($"A connection in stage {stage} is in no list."),
        };
    }
}
