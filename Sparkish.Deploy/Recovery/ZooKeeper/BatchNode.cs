using System.Globalization;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// The name of a node with events, which describes its content, so that a list of names is an index. Its form is <c>FIRST-COUNT-BYTES</c>, with
/// <c>-BLOB-PARTS</c> if the bytes exceed one node and are stored in parts elsewhere.
/// </summary>
internal sealed record BatchNode(long First, int Count, int Bytes, string? Blob, int Parts)
{
    // More than events can need: lengths precede them.
    private const int MaxBytes = 1 << 30;

    public long Last => First + Count - 1;

    /// <summary>The first number comes first and has 19 digits, so that names sort in the order of events.</summary>
    public string Name => Blob is null ? $"{First:D19}-{Count}-{Bytes}" : $"{First:D19}-{Count}-{Bytes}-{Blob}-{Parts}";

    public static BatchNode? TryParse(string name)
    {
        var fields = name.Split('-');
        if (fields.Length is not (3 or 5) || fields[0].Length != 19) return null;
        if (!long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !Number(fields[1], out var count) || !Number(fields[2], out var bytes)) return null;
        var parts = 0;
        if (fields.Length == 5 && (!Number(fields[4], out parts) || parts > bytes)) return null;
        return first > 0 && count > 0 && count <= bytes && bytes <= MaxBytes
            ? new BatchNode(first, count, bytes, fields.Length == 5 ? fields[3] : null, parts)
            : null;
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>The bytes of a node with events.</summary>
internal static class BatchFormat
{
    private const int Format = 1, HeaderBytes = 24;

    /// <summary>Returns the total size of a number of events with a total number of bytes.</summary>
    public static long SizeOf(int count, long bytes) => HeaderBytes + bytes + ((long)count * sizeof(int));

    public static byte[] Encode(long epoch, long first, IEnumerable<ReadOnlyMemory<byte>> events, int count)
    {
        var writer = new JuteWriter();
        writer.Int(Format);
        writer.Long(epoch);
        writer.Long(first);
        writer.Int(count);
        foreach (var payload in events) writer.Bytes(payload.Span);
        return writer.Written.ToArray();
    }

    /// <summary>Reads the events of a node from its bytes.</summary>
    /// <exception cref="JournalCorruptException">The bytes do not match the name.</exception>
    public static JournalEntry[] Decode(string path, BatchNode node, byte[] data)
    {
        try
        {
            var reader = new JuteReader(data);
            if (reader.Int() is not Format and var format)
                throw new JournalCorruptException(
                    $"ZooKeeper's node {path} has format {format}, and this version of Sparkish reads {Format}: use the version that wrote it, or a later one.");
            var (epoch, first, count) = (reader.Long(), reader.Long(), reader.Int());
            if (first != node.First || count != node.Count || count > reader.Remaining / sizeof(int)) throw Corrupt(path, null);

            var entries = new JournalEntry[count];
            for (var i = 0; i < count; i++) entries[i] = new JournalEntry(first + i, epoch, reader.Slice(data));
            return reader.Remaining == 0 ? entries : throw Corrupt(path, null);
        }
        catch (ZooKeeperProtocolException e)
        {
            throw Corrupt(path, e);
        }
    }

    private static JournalCorruptException Corrupt(string path, Exception? cause) =>
        new($"ZooKeeper's node {path} does not hold the events that its name says: restore it from a backup of ZooKeeper.", cause);
}
