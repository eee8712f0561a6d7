#pragma warning disable MA0048 // the policy and the values that it moves belong together
using System.Runtime.InteropServices;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Where a connection is on its way to a proof.</summary>
internal enum AdmissionStage
{
    /// <summary>No byte of it has come.</summary>
    Silent,

    /// <summary>It has spoken and waits for a place.</summary>
    Waiting,

    /// <summary>It has a place and shakes hands.</summary>
    Shaking,

    /// <summary>It is done, or was dropped.</summary>
    Gone,
}

/// <summary>Why a connection was dropped.</summary>
internal enum AdmissionEnd
{
    /// <summary>It said nothing for too long.</summary>
    Silence,

    /// <summary>Others came, and it was the first to go.</summary>
    Crowded,

    /// <summary>Its handshake was not done when another connection needed the place.</summary>
    TooSlow,
}

/// <summary>A connection that has not proven itself.</summary>
internal class Candidate
{
    /// <param name="source">The address that it comes from.</param>
    /// <param name="isKnown">Whether a peer has proven itself from there before.</param>
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

    /// <summary>Why it was dropped; null where it was not.</summary>
    public AdmissionEnd? End { get; set; }

    /// <summary>When it entered its stage.</summary>
    public TimeSpan Since { get; set; }

    /// <summary>Its place among all that entered a stage.</summary>
    public long Order { get; set; }
}

/// <summary>What follows from a change.</summary>
/// <param name="Begun">The connections whose handshakes begin.</param>
/// <param name="Dropped">The connections that are dropped.</param>
/// <param name="Next">When to look again, if nothing else happens; null for never.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AdmissionStep(IReadOnlyList<Candidate> Begun, IReadOnlyList<Candidate> Dropped, TimeSpan? Next);

/// <summary>
/// Decides which connections shake hands and which are dropped when there are too many. Silent ones go first, the oldest before the others. A source has a
/// share of the places, and some places are kept for sources of proven peers. A handshake that takes long gives its place to a connection that waits. The
/// connections that stay open are bounded as well, for peers that the node does not trust. It has no clock, and is used by one thread at a time.
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

    /// <summary>A connection has come.</summary>
    public AdmissionStep Arrive(Candidate candidate, TimeSpan now)
    {
        var dropped = new List<Candidate>();
        var source = SourceOf(candidate);
        if (source.Held >= limits.HeldPerSource) Drop(source.FirstToGo, AdmissionEnd.Crowded, dropped);
        else if (_held >= limits.Held) Drop(FirstToGo(), AdmissionEnd.Crowded, dropped);
        Enter(SourceOf(candidate), candidate, AdmissionStage.Silent, now);
        return Look(now, dropped);
    }

    /// <summary>The first byte of a connection has come.</summary>
    public AdmissionStep Speak(Candidate candidate, TimeSpan now)
    {
        if (candidate.Stage != AdmissionStage.Silent) return Look(now, []);
        Exit(candidate);
        Enter(SourceOf(candidate), candidate, AdmissionStage.Waiting, now);
        return Look(now, []);
    }

    /// <summary>A connection has ended, or its handshake is done.</summary>
    public AdmissionStep Leave(Candidate candidate, TimeSpan now)
    {
        if (candidate.Stage != AdmissionStage.Gone) Exit(candidate);
        return Look(now, []);
    }

    /// <summary>A peer that the node does not trust has proven itself; false when there are too many open connections of such peers.</summary>
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

    /// <summary>A connection that stayed has ended.</summary>
    public void EndStay(string source)
    {
        _allGuests--;
        if (--CollectionsMarshal.GetValueRefOrNullRef(_guests, source) == 0) _guests.Remove(source);
    }

    /// <summary>Time has passed.</summary>
    public AdmissionStep Look(TimeSpan now) => Look(now, []);

    /// <summary>The system has no room for further connections: some silent ones give theirs up.</summary>
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
            // The next in line may find a place, too.
        }

        // Sources at their share wait for none but their own.
        foreach (var source in _sources.Where(source => source.Shaking.Count >= limits.PerSource && source.Waiting.First is not null).ToList())
        {
            while (source.Waiting.First is { Value: var candidate } && TryBegin(candidate, now, begun, dropped, ref next))
            {
                // As long as old handshakes of the same source give way.
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

    /// <summary>The connection that gets the next place: of known sources first, then of those with few handshakes, then the oldest.</summary>
    private Candidate? NextInLine()
    {
        // Asked at every change, also where a single node connects: loops start sooner than queries, which the runtime compiles for each type of key.
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

    /// <summary>Whose place a connection would get; null where one is free.</summary>
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

    /// <summary>Whom a newcomer pushes out where too many wait: the oldest silent one, of strangers first; else the oldest of the busiest source.</summary>
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

    /// <summary>The connections of one source, in each stage the oldest first.</summary>
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
