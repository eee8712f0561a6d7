namespace Sparkish.Persistence.Files;

/// <summary>
/// The segments that make up a journal, the earliest first: the latest one, and backwards the predecessor that each one names. Other files, such as those of a
/// fenced leader, are not part of it.
/// </summary>
internal sealed record SegmentChain(IReadOnlyList<SegmentHeader> Segments, IReadOnlyList<SegmentId> Others)
{
    public bool IsEmpty => Segments.Count == 0;

    public SegmentHeader Head => Segments[^1];

    /// <exception cref="FileNotFoundException">A segment went away meanwhile, as truncating does.</exception>
    public static SegmentChain Load(JournalDirectory directory)
    {
        var there = directory.Segments();
        if (there.Count == 0) return new SegmentChain([], []);
        var left = there.ToHashSet();
        var chain = new List<SegmentHeader>();
        for (SegmentId? id = there[^1]; id is { } next && left.Remove(next);)
        {
            var header = directory.ReadHeader(next);
            if (header.Previous is { } previous && (previous >= header.Id || previous.FirstSequence > header.Id.FirstSequence))
                throw directory.Corrupt(next.FileName, 0, $"it names '{previous.FileName}' as its predecessor, which is later");
            chain.Add(header);
            id = header.Previous;
        }

        chain.Reverse();
        return new SegmentChain(chain, [.. left]);
    }

    /// <summary>Returns the segment from which to read the events after a given one: the last segment that begins early enough, or else the first.</summary>
    public int IndexOf(long afterSequence)
    {
        var index = Segments.Count - 1;
        while (index > 0 && Segments[index].Id.FirstSequence > afterSequence + 1) index--;
        return index;
    }

    /// <summary>Returns the valid length of a segment, if a later one records it.</summary>
    public long? SealOf(int index) => index + 1 < Segments.Count ? Segments[index + 1].PreviousEnd : null;
}
