using System.Runtime.CompilerServices;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Reads the acknowledged content of a journal's nodes, possibly beside its writer.</summary>
internal sealed class JournalReading(JournalNodes nodes)
{
    private const int MaxAheadNodes = 64, MaxAheadBytes = 8 << 20;

    public async ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            for (SnapshotPlace? missing = null; ;)
            {
                var place = (await nodes.ReadHeadAsync(cancellationToken).ConfigureAwait(false)).Head.Snapshot;
                if (place is null) return null;
                if (place == missing)
                    throw new JournalCorruptException(
                        $"Parts of the snapshot {nodes.Part(place.Blob, 0)} are missing: restore them from a backup of ZooKeeper.");
                try
                {
                    return new JournalSnapshot(
                        place.Sequence, await nodes.ReadPartsAsync(place.Blob, place.Parts, place.Bytes, cancellationToken).ConfigureAwait(false));
                }
                catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
                {
                    // A later snapshot may have replaced it: then the head says so.
                    missing = place;
                }
            }
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(nodes.Name, e);
        }
    }

    public async IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (head, _) = await GuardedAsync(nodes.ReadHeadAsync(cancellationToken)).ConfigureAwait(false);
        var next = afterSequence + 1;
        await foreach (var (batch, path, bytes) in BatchesAsync(next, head.LastSequence, cancellationToken).ConfigureAwait(false))
        {
            if (await GuardedAsync(bytes).ConfigureAwait(false) is not { } data)
            {
                // Truncated while it was read, which is fine if all events were requested and none was returned yet.
                if (afterSequence == 0 && next <= batch.First) continue;
                throw Missing(next);
            }

            if (batch.First > next && !(afterSequence == 0 && next == 1 && await HasSnapshotAsync(batch.First - 1, cancellationToken).ConfigureAwait(false)))
                throw Missing(next);
            foreach (var entry in BatchFormat.Decode(path, batch, data))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (entry.Sequence <= afterSequence || entry.Sequence > head.LastSequence) continue;
                yield return entry;
                next = entry.Sequence + 1;
            }
        }

        // Missing events are fine if all were requested and a snapshot covers the missing ones.
        if (next <= head.LastSequence
            && !(afterSequence == 0 && next == 1 && await HasSnapshotAsync(head.LastSequence, cancellationToken).ConfigureAwait(false))) throw Missing(next);
    }

    // Whether events up to one may have been truncated.
    private async Task<bool> HasSnapshotAsync(long throughSequence, CancellationToken cancellationToken) =>
        (await GuardedAsync(nodes.ReadHeadAsync(cancellationToken)).ConfigureAwait(false)).Head.Snapshot?.Sequence >= throughSequence;

    // Returns the batches with events in a range, each with its pending bytes: several are fetched ahead, limited by number and size.
    private async IAsyncEnumerable<(BatchNode Batch, string Path, Task<byte[]?> Bytes)> BatchesAsync(
        long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ahead = new Queue<(BatchNode Batch, string Path, Task<byte[]?> Bytes)>();
        var aheadBytes = 0L;
        var groups = await GuardedAsync(nodes.GroupsAsync(cancellationToken)).ConfigureAwait(false);
        for (var i = 0; i < groups.Count; i++)
        {
            if ((i + 1 < groups.Count && groups[i + 1] <= from) || groups[i] > to) continue;
            foreach (var batch in await GuardedAsync(GroupAsync(groups[i], cancellationToken)).ConfigureAwait(false))
            {
                if (batch.Last < from || batch.First > to) continue;
                while (ahead.Count > 0 && (ahead.Count >= MaxAheadNodes || aheadBytes + batch.Bytes > MaxAheadBytes))
                {
                    var oldest = ahead.Dequeue();
                    aheadBytes -= oldest.Batch.Bytes;
                    yield return oldest;
                }

                aheadBytes += batch.Bytes;
                ahead.Enqueue((batch, nodes.Batch(groups[i], batch), FetchAsync(groups[i], batch, cancellationToken)));
            }
        }

        while (ahead.TryDequeue(out var rest)) yield return rest;
    }

    private async Task<IReadOnlyList<BatchNode>> GroupAsync(long group, CancellationToken cancellationToken)
    {
        try
        {
            return await nodes.BatchesAsync(group, cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
        {
            return []; // truncated in the meantime; if not, the gap is seen
        }
    }

    // Null if it is gone.
    private async Task<byte[]?> FetchAsync(long group, BatchNode batch, CancellationToken cancellationToken)
    {
        try
        {
            return batch.Blob is { } blob
                ? await nodes.ReadPartsAsync(blob, batch.Parts, batch.Bytes, cancellationToken).ConfigureAwait(false)
                : await nodes.DataAsync(nodes.Batch(group, batch), cancellationToken).ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
        {
            return null;
        }
    }

    private async Task<T> GuardedAsync<T>(Task<T> reading)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(nodes.Name, e);
        }
    }

    private JournalException Missing(long sequence) =>
        new(
            $"Event {sequence} of the journal '{nodes.Name}' in ZooKeeper ({nodes.Events}) is missing: read from the latest snapshot on. If that fails, restore the nodes from a backup.");
}
