using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Opens a journal to write it.</summary>
/// <param name="nodes">The journal's.</param>
/// <param name="writer">The writer that opens it; no other opening has this text.</param>
/// <param name="before">The previous writer of this store, now closed: its term may continue. Null if there was none.</param>
/// <param name="known">The last event that this store acknowledged; 0 if there was none.</param>
internal sealed class JournalOpening(JournalNodes nodes, string writer, string? before, long known)
{
    /// <summary>Number of changes per transaction if there are many.</summary>
    public const int OperationsAtOnce = 200;

    /// <exception cref="StaleEpochException">The journal was opened under this term or a later one.</exception>
    public async Task<OpenedJournal> OpenAsync(long? epoch, CancellationToken cancellationToken)
    {
        var (head, version) = await TakeOverAsync(epoch, cancellationToken).ConfigureAwait(false);
        try
        {
            return await PrepareAsync(head, version, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ZooKeeperException or JournalCorruptException)
        {
            // An apparent damage may be the work of a writer that took over meanwhile.
            var now = await nodes.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
            if (now.Head.Writer != writer) throw new StaleEpochException(nodes.Name, head.Epoch, now.Head.Epoch);
            throw;
        }
    }

    // Writes the term and the writer into the head; from then on the previous writer can change nothing.
    private async Task<(JournalHead Head, int Version)> TakeOverAsync(long? epoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var (head, version) = await nodes.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
                if (head.Writer == writer) return (head, version); // an earlier attempt, whose reply was lost
                var term = epoch ?? checked(head.Epoch + 1);
                if (term < head.Epoch || (term == head.Epoch && (before is null || head.Writer != before)))
                    throw new StaleEpochException(nodes.Name, term, head.Epoch);

                var taken = head with { Epoch = term, Writer = writer };
                await nodes.Sessions.Current().MultiAsync([.. taken.TakeOverFrom(nodes.Head, version)], cancellationToken).ConfigureAwait(false);
                return (taken, JournalHead.VersionAfterTakeover(version));
            }
            catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
            {
                await CreateAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.IsDisconnection || e.Error == ZooKeeperError.BadVersion)
            {
                // Another writer changed it in between, or it is unknown whether we did: read it again.
            }
        }
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        var acl = nodes.Sessions.Options.Acl;
        ZooKeeperOperation[] create =
        [
            new ZooKeeperOperation.Create(nodes.Head, JournalHead.Empty.Encode(), acl),
            new ZooKeeperOperation.Create(nodes.Events, default, acl),
            new ZooKeeperOperation.Create(nodes.Parts, default, acl),
        ];
        await nodes.Sessions.RetryAsync(async client =>
        {
            await client.EnsureAsync(nodes.Parent, cancellationToken).ConfigureAwait(false);
            try
            {
                await client.MultiAsync(create, cancellationToken).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NodeExists)
            {
                // Another writer created it at the same time.
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<OpenedJournal> PrepareAsync(JournalHead head, int version, CancellationToken cancellationToken)
    {
        if (head.LastSequence < known) throw JournalFailures.Shorter(nodes.Head, known, head.LastSequence);
        var groups = await nodes.GroupsAsync(cancellationToken).ConfigureAwait(false);
        var lastCount = await CheckEventsAsync(head, groups, cancellationToken).ConfigureAwait(false);
        await RemoveLeftoversAsync(head, version, groups, cancellationToken).ConfigureAwait(false);
        return new OpenedJournal(head, version, groups.Count > 0 ? groups[^1] : null, lastCount);
    }

    // Servers whose disks were full have lost single transactions, so every number after the snapshot is checked.
    // Returns the number of batches of the last group.
    private async Task<int> CheckEventsAsync(JournalHead head, IReadOnlyList<long> groups, CancellationToken cancellationToken)
    {
        var (next, count) = ((head.Snapshot?.Sequence ?? 0) + 1, 0);
        for (var i = 0; i < groups.Count; i++)
        {
            if (i + 1 < groups.Count && groups[i + 1] <= next) continue;
            var batches = await nodes.BatchesAsync(groups[i], cancellationToken).ConfigureAwait(false);
            count = batches.Count;
            foreach (var batch in batches.Where(batch => batch.Last >= next))
            {
                if (batch.First > next) throw JournalFailures.Missing(nodes.Head, head.LastSequence, next, batch.First);
                if (batch.Last > head.LastSequence) throw JournalFailures.Longer(nodes.Head, head.LastSequence, batch.Last);
                next = batch.Last + 1;
            }
        }

        return next > head.LastSequence ? count : throw JournalFailures.Missing(nodes.Head, head.LastSequence, next, found: null);
    }

    // Unreferenced parts: their writer failed, or was replaced. They are deleted only if the head is unchanged: parts that the next writer is about to
    // reference look the same.
    private async Task RemoveLeftoversAsync(JournalHead head, int version, IReadOnlyList<long> groups, CancellationToken cancellationToken)
    {
        var parts = (await nodes.NamesAsync(nodes.Parts, cancellationToken).ConfigureAwait(false)).Where(name => BlobOf(name) != head.Snapshot?.Blob).ToList();
        if (parts.Count == 0) return;

        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            foreach (var batch in await nodes.BatchesAsync(group, cancellationToken).ConfigureAwait(false))
            {
                if (batch.Blob is { } blob) told.Add(blob);
            }
        }

        foreach (var chunk in parts.Where(name => !told.Contains(BlobOf(name))).Chunk(OperationsAtOnce))
        {
            await nodes.Sessions.RetryAsync(async client =>
            {
                // Read again on each attempt: an attempt whose reply was lost may have deleted some.
                var there = (await client.GetChildrenAsync(nodes.Parts, cancellationToken: cancellationToken).ConfigureAwait(false))
                    .Names.ToHashSet(StringComparer.Ordinal);
                await client.MultiAsync(
                    [new ZooKeeperOperation.Check(nodes.Head, version), .. chunk.Where(there.Contains)
                        .Select(name => new ZooKeeperOperation.Delete($"{nodes.Parts}/{name}"))],
                    cancellationToken).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string BlobOf(string part) => part[..Math.Max(0, part.LastIndexOf('-'))];
}
