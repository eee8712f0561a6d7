#pragma warning disable MA0048 // a segment's name and its first bytes belong together
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>Identifies a segment of a journal: each opening starts one, and so does each roll within a term. Later segments compare greater.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SegmentId(long Epoch, long FirstSequence) : IComparable<SegmentId>
{
    private const string Prefix = "log-";
    private const int Digits = 19;

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{FirstSequence:D19}-{Epoch:D19}");

    /// <summary>Null if the name of a file is not that of a segment.</summary>
    public static SegmentId? Parse(string file)
    {
        if (!file.StartsWith(Prefix, StringComparison.Ordinal) || file.Length != Prefix.Length + (2 * Digits) + 1) return null;
        var numbers = file.AsSpan(Prefix.Length);
        return numbers[Digits] == '-'
            && long.TryParse(numbers[..Digits], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(numbers[(Digits + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? new SegmentId(epoch, first)
            : null;
    }

    public int CompareTo(SegmentId other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : FirstSequence.CompareTo(other.FirstSequence);

    public static bool operator <(SegmentId left, SegmentId right) => left.CompareTo(right) < 0;

    public static bool operator >(SegmentId left, SegmentId right) => left.CompareTo(right) > 0;

    public static bool operator <=(SegmentId left, SegmentId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SegmentId left, SegmentId right) => left.CompareTo(right) >= 0;
}

/// <summary>
/// The first bytes of a segment, durable before its name appears. They seal the previous segment: bytes after <see cref="PreviousEnd"/> do not count,
/// regardless of their writer, and a gap before it is an error.
/// </summary>
/// <param name="Name">The journal's.</param>
/// <param name="Id">The segment's own.</param>
/// <param name="Previous">The segment with the preceding events; null for a journal's first.</param>
/// <param name="PreviousEnd">The valid length of that segment.</param>
internal sealed record SegmentHeader(string Name, SegmentId Id, SegmentId? Previous, long PreviousEnd)
{
    public const int Size = 160;

    public const uint Version = 1;

    private const int NameAt = 60;
    private const int MaxNameLength = 100;

    private static ReadOnlySpan<byte> Magic => "SPKJLOG\n"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Id.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Id.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Previous?.Epoch ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), Previous?.FirstSequence ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), PreviousEnd);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(56), Name.Length);
        Encoding.ASCII.GetBytes(Name, bytes.AsSpan(NameAt, MaxNameLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Of(Version, bytes.AsSpan(12)));
        return bytes;
    }

    /// <summary>Null, and the problem, unless the bytes are the start of a segment.</summary>
    public static SegmentHeader? Read(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = "is not a segment of a journal, or its header is damaged";
        if (bytes.Length < Size || !bytes[..8].SequenceEqual(Magic)) return null;
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Crc32C.Of(version, bytes[12..Size])) return null;
        problem = $"has version {version} of the format, and this Sparkish reads version {Version} only";
        if (version != Version) return null;
        problem = "";
        var previous = new SegmentId(BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
        return new SegmentHeader(
            Encoding.ASCII.GetString(bytes.Slice(NameAt, Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]), 0, MaxNameLength))),
            new SegmentId(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..])),
            previous.Epoch == 0 ? null : previous,
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]));
    }
}
