using System.Globalization;

namespace Sparkish.Persistence.Files;

/// <summary>Reads the records of a journal after an event, through all segments, and checks that none is missing. Blocks.</summary>
internal sealed class JournalCursor : IDisposable
{
    private readonly JournalDirectory _directory;
    private readonly SegmentChain _chain;
    private readonly DurableMark? _mark;
    private SegmentScanner? _scanner;
    private int _index;

    private JournalCursor(JournalDirectory directory, SegmentChain chain, DurableMark? mark, long after)
    {
        _directory = directory;
        _chain = chain;
        _mark = mark;
        _index = chain.IndexOf(after);
    }

    /// <summary>The number of the next event.</summary>
    public long NextSequence => _scanner?.NextSequence ?? _chain.Segments[_index].Id.FirstSequence;

    /// <summary>The end of the complete records of the last segment; known at the end.</summary>
    public long HeadEnd { get; private set; }

    /// <summary>The size of the last segment; known at the end.</summary>
    public long HeadLength { get; private set; }

    /// <summary>The flushed length of the last segment, as far as known.</summary>
    public long HeadDurable => _mark is { } mark && mark.Segment == _chain.Head.Id ? mark.End : SegmentHeader.Size;

    /// <exception cref="JournalCorruptException">Events after that one, or whole segments, are missing.</exception>
    public static JournalCursor Open(JournalDirectory directory, DurableMark? mark, long after) => Open(directory, SegmentChain.Load(directory), mark, after);

    /// <param name="directory">The journal's.</param>
    /// <param name="chain">Its segments, at least one.</param>
    /// <param name="mark">The flushed length that was read before the segments were listed.</param>
    /// <param name="after">The event after which to begin; 0 for the first stored one.</param>
    /// <exception cref="JournalCorruptException">Events after that one, or whole segments, are missing.</exception>
    public static JournalCursor Open(JournalDirectory directory, SegmentChain chain, DurableMark? mark, long after)
    {
        if (mark is { } last && (chain.IsEmpty || last.Segment > chain.Head.Id))
            throw directory.Corrupt(last.Segment.FileName, 0, $"the file is missing; it held acknowledged events up to {last.LastSequence}");
        if (chain.IsEmpty) throw new FileNotFoundException($"'{directory.FullName}' has no files of events.");
        if (after > 0) CheckBeginning(directory, chain, after);
        return new JournalCursor(directory, chain, mark, after);
    }

    /// <exception cref="JournalCorruptException">Events after a given one are missing.</exception>
    public static void CheckBeginning(JournalDirectory directory, SegmentChain chain, long after)
    {
        var first = chain.Segments[0].Id;
        if (first.FirstSequence <= after + 1) return;
        throw directory.Corrupt(first.FileName, 0, string.Create(
            CultureInfo.InvariantCulture, $"it begins with event {first.FirstSequence}, but no file or snapshot has the events from {after + 1} on"));
    }

    /// <summary>Null at the end; a torn tail is not part of the journal. The body is valid until the next call.</summary>
    public RecordHeader? Next(out ReadOnlyMemory<byte> body)
    {
        while (true)
        {
            _scanner ??= Scan(_index);
            if (_scanner.Next(out body) is { } record) return record;
            if (_chain.SealOf(_index) is null)
            {
                EndHead(_scanner);
                return null;
            }

            CheckSealed(_scanner);
            _scanner.Dispose();
            _scanner = null;
            _index++;
        }
    }

    public void Dispose() => _scanner?.Dispose();

    private SegmentScanner Scan(int index)
    {
        var header = _chain.Segments[index];
        var file = _directory.Open(header.Id.FileName) ?? throw new FileNotFoundException($"'{_directory.FullNameOf(header.Id.FileName)}' is gone.");
        return new SegmentScanner(_directory, file, header, _chain.SealOf(index) ?? file.Length);
    }

    private void EndHead(SegmentScanner scanner)
    {
        HeadEnd = scanner.Position;
        HeadLength = scanner.End;
        if (HeadEnd < Math.Max(HeadLength, HeadDurable)) scanner.CheckTorn(HeadDurable);
    }

    private void CheckSealed(SegmentScanner scanner)
    {
        scanner.CheckTorn(scanner.End);
        var next = _chain.Segments[_index + 1].Id;
        if (scanner.NextSequence == next.FirstSequence) return;
        throw _directory.Corrupt(
            next.FileName, 0, $"it begins with event {next.FirstSequence}, and the file before it ends before event {scanner.NextSequence}");
    }
}
