using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// The data of a journal's own node, its source of truth. Every change of a journal changes it in the same transaction and only from the version that its
/// writer knows. So a writer cannot change a journal that another one has opened.
/// </summary>
/// <param name="Epoch">The term under which the journal was last opened; 0 if never.</param>
/// <param name="Writer">The writer that opened it: a random text by which a writer recognises its own changes if a connection lost the reply.</param>
/// <param name="LastSequence">The last event; 0 if there was none.</param>
/// <param name="Snapshot">The latest snapshot; null if the journal has no snapshot.</param>
internal sealed record JournalHead(long Epoch, string Writer, long LastSequence, SnapshotPlace? Snapshot)
{
    private const int Format = 1;

    /// <summary>
    /// Number of versions that a takeover skips: more than a writer has pending transactions. Each of those expects the version after its predecessor. If a
    /// takeover added only one version, the second pending transaction of the replaced writer would find its expected version, and succeed.
    /// </summary>
    private const int VersionsOfTakeover = 2 * ZooKeeperGroupWriter.MaxUnderWay;

    public static readonly JournalHead Empty = new(0, "", 0, null);

    /// <summary>
    /// Returns the version of a node after a change. Versions are 32 bits and wrap around; -1, which as an expectation means any, is skipped by changing twice.
    /// </summary>
    public static int NextVersion(int version) => version == -2 ? 0 : unchecked(version + 1);

    /// <summary>The changes that set it, from a version on.</summary>
    public IEnumerable<ZooKeeperOperation> SetFrom(string path, int version)
    {
        var data = Encode();
        yield return new ZooKeeperOperation.SetData(path, data, version);
        if (version == -2) yield return new ZooKeeperOperation.SetData(path, data, -1);
    }

    /// <summary>The version of a node after a takeover.</summary>
    public static int VersionAfterTakeover(int version) => unchecked(version + StepsOfTakeover(version));

    /// <summary>Returns the changes of a takeover, from a given version; all or none.</summary>
    public IEnumerable<ZooKeeperOperation> TakeOverFrom(string path, int version)
    {
        var data = Encode();
        yield return new ZooKeeperOperation.SetData(path, data, version);
        for (var step = 1; step < StepsOfTakeover(version); step++) yield return new ZooKeeperOperation.SetData(path, data, -1);
    }

    // Not to -1, which as an expectation means any.
    private static int StepsOfTakeover(int version) => unchecked(version + VersionsOfTakeover) == -1 ? VersionsOfTakeover + 1 : VersionsOfTakeover;

    public byte[] Encode()
    {
        var writer = new JuteWriter();
        writer.Int(Format);
        writer.Long(Epoch);
        writer.Text(Writer);
        writer.Long(LastSequence);
        writer.Bool(Snapshot is not null);
        if (Snapshot is { } snapshot)
        {
            writer.Long(snapshot.Sequence);
            writer.Text(snapshot.Blob);
            writer.Int(snapshot.Parts);
            writer.Int(snapshot.Bytes);
        }

        return writer.Written.ToArray();
    }

    /// <exception cref="JournalCorruptException">The data are not a head.</exception>
    public static JournalHead Decode(string path, byte[] data)
    {
        try
        {
            var reader = new JuteReader(data);
            if (reader.Int() is not Format and var format)
                throw new JournalCorruptException(
                    $"ZooKeeper's node {path} has format {format}, and this version of Sparkish reads {Format}: use the version that wrote it, or a later one.");
            var (epoch, writer, last) = (reader.Long(), reader.Text(), reader.Long());
            var snapshot = reader.Bool() ? new SnapshotPlace(reader.Long(), reader.Text(), reader.Int(), reader.Int()) : null;
            var isSound = epoch >= 0 && last >= 0 && (snapshot is null || (snapshot.Sequence >= 0 && snapshot.Sequence <= last && snapshot.IsSound));
            if (isSound && reader.Remaining == 0) return new JournalHead(epoch, writer, last, snapshot);
        }
        catch (ZooKeeperProtocolException e)
        {
            throw Corrupt(path, e);
        }

        throw Corrupt(path, null);
    }

    private static JournalCorruptException Corrupt(string path, Exception? cause) =>
        new($"ZooKeeper's node {path} is not the head of a journal: restore it from a backup of ZooKeeper, or delete it and everything below it to start without a journal.", cause);
}

/// <summary>The location of a snapshot.</summary>
/// <param name="Sequence">The last event that went into it.</param>
/// <param name="Blob">The common name of its parts.</param>
/// <param name="Parts">Number of parts.</param>
/// <param name="Bytes">Its size in bytes.</param>
internal sealed record SnapshotPlace(long Sequence, string Blob, int Parts, int Bytes)
{
    public bool IsSound => Bytes is >= 0 and <= IJournal.MaxBatchBytes && Parts >= 0
        && Parts <= Bytes && Blob.Length > 0 && !Blob.Contains('/', StringComparison.Ordinal);
}
