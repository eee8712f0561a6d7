using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>A snapshot is a separate file, named after its sequence and term: a fenced leader cannot replace its successor's snapshot by an old one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SnapshotFile(long Sequence, long Epoch) : IComparable<SnapshotFile>
{
    private const string Prefix = "snapshot-";
    private const int Digits = 19;
    private const int HeaderSize = 40;
    private const uint Magic = 0x534A5253; // SRJS
    private const uint Version = 1;

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Sequence:D19}-{Epoch:D19}");

    public static SnapshotFile? Parse(string file)
    {
        if (!file.StartsWith(Prefix, StringComparison.Ordinal) || file.Length != Prefix.Length + (2 * Digits) + 1) return null;
        var numbers = file.AsSpan(Prefix.Length);
        return numbers[Digits] == '-'
            && long.TryParse(numbers[..Digits], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && long.TryParse(numbers[(Digits + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? new SnapshotFile(sequence, epoch)
            : null;
    }

    /// <summary>The existing snapshots, the latest first; usually one.</summary>
    public static IReadOnlyList<SnapshotFile> In(JournalDirectory directory) => [.. directory.List().Select(Parse).OfType<SnapshotFile>().OrderDescending()];

    public void Save(JournalDirectory directory, ReadOnlyMemory<byte> payload)
    {
        var header = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Of(Magic, payload.Span));
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Crc32C.Of(Magic, header.AsSpan(8)));
        directory.Replace(FileName, header, payload);
    }

    /// <exception cref="FileNotFoundException">A later one has replaced it meanwhile.</exception>
    public JournalSnapshot Read(JournalDirectory directory)
    {
        using var file = directory.Open(FileName) ?? throw new FileNotFoundException($"'{directory.FullNameOf(FileName)}' is gone.");
        var header = new byte[HeaderSize];
        if (file.Read(0, header) != HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)) != Crc32C.Of(Magic, header.AsSpan(8)))
        {
            throw directory.Corrupt(FileName, 0, "it is not a snapshot, or its header is damaged");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
        if (version != Version) throw directory.Corrupt(FileName, 0, $"it has version {version} of the format, and this Sparkish reads version {Version} only");
        var written = new SnapshotFile(BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(16)), BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24)));
        if (written != this) throw directory.Corrupt(FileName, 0, $"it was written under the name '{written.FileName}'");
        var length = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        if (length is < 0 or > IJournal.MaxBatchBytes || length != file.Length - HeaderSize)
            throw directory.Corrupt(FileName, file.Length, $"it should have {HeaderSize + length} bytes and has {file.Length}");

        var payload = new byte[length];
        if (file.Read(HeaderSize, payload) != length || Crc32C.Of(Magic, payload) != BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)))
            throw directory.Corrupt(FileName, HeaderSize, "its checksum is wrong");
        return new JournalSnapshot(Sequence, payload);
    }

    public int CompareTo(SnapshotFile other) => Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Epoch.CompareTo(other.Epoch);

    public static bool operator <(SnapshotFile left, SnapshotFile right) => left.CompareTo(right) < 0;

    public static bool operator >(SnapshotFile left, SnapshotFile right) => left.CompareTo(right) > 0;

    public static bool operator <=(SnapshotFile left, SnapshotFile right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SnapshotFile left, SnapshotFile right) => left.CompareTo(right) >= 0;
}
