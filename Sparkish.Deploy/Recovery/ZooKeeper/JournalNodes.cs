using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// The nodes of a journal, and their reading: <c>NAME</c> is its head, <c>NAME/events/GROUP/BATCH</c> has events, <c>NAME/parts/BLOB-NUMBER</c> has parts of
/// values that exceed one node. A list of names has to fit into a reply, so batches are in groups, each named after its first event.
/// </summary>
internal sealed class JournalNodes(ZooKeeperSessions sessions, string parent, string name)
{
    /// <summary>Maximum size of one node: servers accept requests of up to a MiB, with path and ACL.</summary>
    public const int MaxNodeBytes = 900_000;

    /// <summary>Number of batches of a group.</summary>
    public const int GroupSize = 1000;

    private const int PartsAtOnce = 4;

    public ZooKeeperSessions Sessions => sessions;

    public string Name => name;

    public string Parent => parent;

    public string Head { get; } = ZooKeeperPath.Under(parent, name);

    public string Events => $"{Head}/events";

    public string Parts => $"{Head}/parts";

    public string Group(long first) => $"{Events}/{first:D19}";

    public string Batch(long group, BatchNode node) => $"{Group(group)}/{node.Name}";

    public string Part(string blob, int number) => $"{Parts}/{blob}-{number:D4}";

    /// <summary>The head as it is when this is called, or later.</summary>
    /// <exception cref="ZooKeeperException">The journal does not exist.</exception>
    public Task<(JournalHead Head, int Version)> ReadHeadAsync(CancellationToken cancellationToken) => sessions.RetryAsync(async client =>
    {
        // A server may lag behind the others.
        var sync = client.SyncAsync(Head, cancellationToken);
        var (data, stat) = await client.GetDataAsync(Head, cancellationToken: cancellationToken).ConfigureAwait(false);
        await sync.ConfigureAwait(false);
        return (JournalHead.Decode(Head, data), stat.Version);
    }, cancellationToken);

    /// <summary>The groups by their first events, in order.</summary>
    public async Task<IReadOnlyList<long>> GroupsAsync(CancellationToken cancellationToken)
    {
        var names = await NamesAsync(Events, cancellationToken).ConfigureAwait(false);
        return [
            .. names.Select(text => text.Length == 19 && long.TryParse(text, System.Globalization.NumberStyles.None, null, out var first)
                ? first
                : throw Strange($"{Events}/{text}")).Order()];
    }

    /// <summary>The batches of a group, in order.</summary>
    public async Task<IReadOnlyList<BatchNode>> BatchesAsync(long group, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(Group(group), cancellationToken).ConfigureAwait(false);
        return [.. names.Select(text => BatchNode.TryParse(text) ?? throw Strange($"{Group(group)}/{text}")).OrderBy(batch => batch.First)];
    }

    public async Task<IReadOnlyList<string>> NamesAsync(string path, CancellationToken cancellationToken) =>
        (await sessions.RetryAsync(client => client.GetChildrenAsync(path, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false))
            .Names;

    /// <summary>Writes a value in parts, which take effect only once the head, or the name of a batch, refers to them.</summary>
    public async Task<int> WritePartsAsync(string blob, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var parts = (bytes.Length + MaxNodeBytes - 1) / MaxNodeBytes;
        for (var start = 0; start < parts; start += PartsAtOnce)
        {
            var batch = Enumerable.Range(start, Math.Min(PartsAtOnce, parts - start)).Select(number => WritePartAsync(blob, number, bytes, cancellationToken));
            await Task.WhenAll(batch).ConfigureAwait(false);
        }

        return parts;
    }

    /// <exception cref="JournalCorruptException">The parts are shorter or longer than recorded.</exception>
    public async Task<byte[]> ReadPartsAsync(string blob, int parts, int bytes, CancellationToken cancellationToken)
    {
        var whole = new MemoryStream();
        for (var start = 0; start < parts; start += PartsAtOnce)
        {
            var batch = Enumerable.Range(start, Math.Min(PartsAtOnce, parts - start)).Select(number => DataAsync(Part(blob, number), cancellationToken));
            foreach (var part in await Task.WhenAll(batch).ConfigureAwait(false)) whole.Write(part);
            if (whole.Length > bytes) break;
        }

        return whole.Length == bytes ? whole.ToArray()
            : throw new JournalCorruptException(
                $"The nodes {Part(blob, 0)} and following have {whole.Length} bytes instead of {bytes}: restore them from a backup of ZooKeeper.");
    }

    public async Task<byte[]> DataAsync(string path, CancellationToken cancellationToken) =>
        (await sessions.RetryAsync(client => client.GetDataAsync(path, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false)).Data;

    private Task WritePartAsync(string blob, int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => sessions.RetryAsync(async client =>
    {
        var start = number * MaxNodeBytes;
        try
        {
            await client.CreateAsync(Part(blob, number), bytes.Slice(start, Math.Min(MaxNodeBytes, bytes.Length - start)), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NodeExists)
        {
            // Ours, from an attempt whose reply was lost: no other writer uses this name.
        }
    }, cancellationToken);

    private static JournalCorruptException Strange(string path) =>
        new($"ZooKeeper's node {path} is not one of a journal: delete it if you made it, or restore the nodes from a backup of ZooKeeper.");
}
