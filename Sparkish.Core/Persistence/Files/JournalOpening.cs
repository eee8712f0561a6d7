#pragma warning disable MA0048 // opening and its result belong together
using Microsoft.Extensions.Logging;

namespace Sparkish.Persistence.Files;

/// <summary>The result of opening a journal: its writer, its term, and the sequence of the latest snapshot, if there is one.</summary>
internal sealed record OpenedJournal(SegmentLog Log, long Epoch, long? Snapshot);

/// <summary>
/// Takes a journal over, under its lock. It first makes the new term durable, so that a writer of an older term notices before it acknowledges anything. Then
/// it reads and checks the content, truncates unacknowledged records, and begins a new segment.
/// </summary>
internal static class JournalOpening
{
    private const int CopyBytes = 256 << 10;

    /// <param name="directory">The journal's, locked.</param>
    /// <param name="wanted">The term; null for the next one.</param>
    /// <param name="goesOn">Whether the term is the caller's own already.</param>
    /// <param name="options">The options of the store.</param>
    /// <param name="log">Logs the opening.</param>
    public static OpenedJournal Open(JournalDirectory directory, long? wanted, bool goesOn, FileJournalOptions options, ILogger log)
    {
        var last = directory.ReadEpoch();
        var epoch = wanted ?? last + 1;
        if (goesOn ? epoch != last : epoch <= last) throw new StaleEpochException(directory.Name, epoch, last);
        if (directory.Segments() is [.., var latest] && latest.Epoch > last)
            throw directory.Corrupt("epoch", 0, $"the last term is {last} there, but '{latest.FileName}' was written under term {latest.Epoch}");
        if (!goesOn) directory.WriteEpoch(epoch);

        var (exists, mark) = directory.ReadMark();
        if (exists && mark is null) log.MarkDamaged(directory.Name, DurableMark.FileName);
        var chain = SegmentChain.Load(directory);
        var snapshot = SnapshotFile.In(directory) is [var first, ..] ? first.Read(directory).Sequence : (long?)null;
        var header = chain.IsEmpty
            ? First(directory, epoch, mark, snapshot)
            : Continue(directory, chain, mark, snapshot, epoch, log);

        var segments = chain.Segments.Select(segment => segment.Id).Where(id => id.FirstSequence < header.Id.FirstSequence).Append(header.Id).ToList();
        var segmentLog = new SegmentLog(directory, segments, header, options, log);
        try
        {
            Sweep(directory, segments, snapshot);
        }
        catch
        {
            segmentLog.Dispose();
            throw;
        }

        return new OpenedJournal(segmentLog, epoch, snapshot);
    }

    private static SegmentHeader First(JournalDirectory directory, long epoch, DurableMark? mark, long? snapshot)
    {
        if (mark is { } last) throw directory.Corrupt(last.Segment.FileName, 0, $"the file is missing; it held acknowledged events up to {last.LastSequence}");
        if (snapshot is { } sequence)
            throw directory.Corrupt(DurableMark.FileName, 0, $"there is a snapshot of {sequence} events and no file of events at all");
        return new SegmentHeader(directory.Name, new SegmentId(epoch, 1), Previous: null, PreviousEnd: 0);
    }

    private static SegmentHeader Continue(JournalDirectory directory, SegmentChain chain, DurableMark? mark, long? snapshot, long epoch, ILogger log)
    {
        JournalCursor.CheckBeginning(directory, chain, snapshot ?? 0);
        using var cursor = JournalCursor.Open(directory, chain, mark, snapshot ?? 0);
        while (cursor.Next(out _) is not null)
        {
        }

        if (cursor.NextSequence <= snapshot)
            throw directory.Corrupt(
                chain.Head.Id.FileName, cursor.HeadEnd, $"events end before number {cursor.NextSequence}, but there is a snapshot of {snapshot}");
        MakeTailSafe(directory, chain.Head.Id, cursor, log);
        var id = new SegmentId(epoch, cursor.NextSequence);

        // A segment without events is replaced, not continued.
        return cursor.NextSequence == chain.Head.Id.FirstSequence
            ? chain.Head with { Id = id }
            : new SegmentHeader(directory.Name, id, chain.Head.Id, cursor.HeadEnd);
    }

    // Bytes that may not have been flushed are rewritten before they are flushed. After a failed flush the system may hold pages that it considers clean
    // although they are not on the disk. Flushing alone would not write them.
    private static void MakeTailSafe(JournalDirectory directory, SegmentId id, JournalCursor cursor, ILogger log)
    {
        if (cursor.HeadDurable == cursor.HeadLength) return;
        using var file = directory.Open(id.FileName, writable: true) ?? throw new FileNotFoundException($"'{directory.FullNameOf(id.FileName)}' is gone.");
        if (cursor.HeadLength > cursor.HeadEnd)
        {
            log.TornTailCut(directory.Name, directory.FullNameOf(id.FileName), cursor.HeadLength - cursor.HeadEnd, cursor.HeadEnd);
            file.SetLength(cursor.HeadEnd);
        }

        var buffer = new byte[CopyBytes];
        for (var position = cursor.HeadDurable; position < cursor.HeadEnd;)
        {
            var read = file.Read(position, buffer.AsSpan(0, (int)Math.Min(buffer.Length, cursor.HeadEnd - position)));
            if (read == 0) throw directory.Corrupt(id.FileName, position, "the file became shorter while it was read");
            file.Write(position, buffer.AsSpan(0, read));
            position += read;
        }

        file.Flush();
    }

    private static void Sweep(JournalDirectory directory, List<SegmentId> segments, long? snapshot)
    {
        List<string> needless =
        [
            .. directory.Temporaries(),
            .. directory.Segments().Except(segments).Select(segment => segment.FileName),
            .. SnapshotFile.In(directory).Where(file => file.Sequence < snapshot).Select(file => file.FileName),
        ];
        foreach (var file in needless) directory.Delete(file);
    }
}
