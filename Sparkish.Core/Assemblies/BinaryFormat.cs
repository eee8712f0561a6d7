using System.Buffers.Binary;

namespace Sparkish.Assemblies;

/// <summary>Recognizes assemblies and native libraries in an application's folder by their first bytes, as ELF, Mach-O or PE.</summary>
internal static class BinaryFormat
{
    private const int HeadBytes = 4096;
    private const int PeOffsetAt = 0x3C;
    private const uint Pe = 0x00004550; // PE\0\0, little-endian
    private const uint Elf = 0x7F454C46;
    private const uint MachO32 = 0xFEEDFACE;
    private const uint MachO64 = 0xFEEDFACF;
    private const uint Fat32 = 0xCAFEBABE;
    private const uint Fat64 = 0xCAFEBABF;
    private const uint MostProcessors = 32; // Java's classes have the magic of fat files, and larger numbers there

    /// <summary>Whether a regular file has such a start.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool IsBinary(string file)
    {
        if (!FileKind.IsRegular(file)) return false;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Span<byte> head = stackalloc byte[HeadBytes];
        return IsBinary(head[..stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)]);
    }

    /// <summary>Whether bytes are the beginning of an ELF, Mach-O or PE file.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> head)
    {
        if (head.Length < 64) return false;
        var magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        var reversed = BinaryPrimitives.ReverseEndianness(magic);
        if (magic is Elf or MachO32 or MachO64 || reversed is MachO32 or MachO64) return true;
        if (magic is Fat32 or Fat64) return BinaryPrimitives.ReadUInt32BigEndian(head[4..]) is > 0 and <= MostProcessors;
        if (head[0] != 'M' || head[1] != 'Z') return false;
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(head[PeOffsetAt..]);
        return offset <= head.Length - sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(head[(int)offset..]) == Pe;
    }
}
