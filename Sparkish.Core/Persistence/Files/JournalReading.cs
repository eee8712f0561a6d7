using System.Runtime.CompilerServices;

namespace Sparkish.Persistence.Files;

/// <summary>Reads a journal beside its writer: without its lock, in chunks, and again if truncation deleted a file meanwhile.</summary>
internal static class JournalReading
{
    private const int PieceBytes = 256 << 10;
    private const int MaxRestarts = 100;

    public static async ValueTask<JournalSnapshot?> ReadSnapshotAsync(JournalDirectory directory, CancellationToken cancellationToken)
    {
        for (var restarts = 0; ; restarts++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await directory.Files.RunAsync<JournalSnapshot?>(() => SnapshotFile.In(directory) is [var latest, ..] ? latest.Read(directory) : null)
                    .ConfigureAwait(false);
            }
            catch (FileNotFoundException) when (restarts < MaxRestarts)
            {
                // A later file replaced it between listing and opening.
            }
            catch (Exception e) when (JournalDirectory.IsFileFailure(e))
            {
                throw Failed(directory, e);
            }
        }
    }

    /// <param name="directory">The journal's.</param>
    /// <param name="after">The event after which to begin; 0 for the first stored one.</param>
    /// <param name="through">The last event to read, which exists; null for all complete ones.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async IAsyncEnumerable<JournalEntry> ReadAsync(
        JournalDirectory directory, long after, long? through, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        JournalCursor? cursor = null;
        try
        {
            for (var restarts = 0; after < (through ?? long.MaxValue);)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Piece piece;
                try
                {
                    var (from, open) = (after, cursor);
                    piece = await directory.Files.RunAsync(() => ReadPiece(directory, open, from, through)).ConfigureAwait(false);
                    cursor = piece.Cursor;
                }
                catch (FileNotFoundException) when (restarts++ < MaxRestarts)
                {
                    cursor?.Dispose();
                    cursor = null;
                    continue;
                }
                catch (Exception e) when (JournalDirectory.IsFileFailure(e))
                {
                    throw Failed(directory, e);
                }

                foreach (var entry in piece.Entries)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return entry;
                    after = entry.Sequence;
                }

                if (piece.IsLast) yield break;
            }
        }
        finally
        {
            cursor?.Dispose();
        }
    }

    public static JournalException Failed(JournalDirectory directory, Exception cause) =>
        directory.Failed("read", cause, "Check that the directory exists and that this process may read it.");

    private static Piece ReadPiece(JournalDirectory directory, JournalCursor? cursor, long after, long? through)
    {
        // The mark is read before the files are listed, so that the list includes all files that it covers.
        cursor ??= JournalCursor.Open(directory, directory.ReadMark().Mark, after);
        var piece = new List<JournalEntry>();
        for (var bytes = 0; bytes < PieceBytes && !(cursor.NextSequence > through);)
        {
            if (cursor.Next(out var body) is not { } record) return new Piece(cursor, piece, IsLast: true);
            if (record.LastSequence <= after) continue;
            var sequence = record.FirstSequence;
            foreach (var payload in SegmentScanner.Events(body.ToArray()))
            {
                if (sequence > after && !(sequence > through)) piece.Add(new JournalEntry(sequence, record.Epoch, payload));
                sequence++;
            }

            bytes += record.Length;
        }

        return new Piece(cursor, piece, IsLast: cursor.NextSequence > through);
    }

    private sealed record Piece(JournalCursor Cursor, List<JournalEntry> Entries, bool IsLast);
}
