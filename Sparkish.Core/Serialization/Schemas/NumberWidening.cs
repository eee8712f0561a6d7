using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Schemas;

/// <summary>The lossless conversions between kinds of numbers.</summary>
internal static class NumberWidening
{
    private const int BitsOfFloat = 24;
    private const int BitsOfDouble = 53;

    public static bool IsAllowed(FixedKind from, FixedKind to) => (Shape(from), Shape(to)) switch
    {
        ({ } a, { } b) => b.Bits >= a.Bits + (b.IsSigned && !a.IsSigned ? 1 : 0) && (b.IsSigned || !a.IsSigned),
        ({ } a, null) => to switch
        {
            FixedKind.Float => a.Bits <= BitsOfFloat,
            FixedKind.Double => a.Bits <= BitsOfDouble,
            FixedKind.Decimal => a.Bits <= 64,
            _ => false,
        },
        _ => (from, to) is (FixedKind.Half, FixedKind.Float or FixedKind.Double) or (FixedKind.Float, FixedKind.Double),
    };

    /// <summary>Writes a number as a wider kind.</summary>
    public static void Write(ByteWriter output, FixedKind to, FixedKind from, ReadOnlySpan<byte> bytes)
    {
        switch (to)
        {
            case FixedKind.Float: output.WriteUnmanaged((float)Fraction(from, bytes)); break;
            case FixedKind.Double: output.WriteUnmanaged(Fraction(from, bytes)); break;
            case FixedKind.Decimal: output.WriteUnmanaged((decimal)Whole(from, bytes)); break;
            case FixedKind.UInt128: output.WriteUnmanaged((UInt128)Whole(from, bytes)); break;
            case FixedKind.Int128: output.WriteUnmanaged(Whole(from, bytes)); break;
            case FixedKind.ULong: output.WriteUnmanaged((ulong)Whole(from, bytes)); break;
            case FixedKind.Long: output.WriteUnmanaged((long)Whole(from, bytes)); break;
            case FixedKind.UInt: output.WriteUnmanaged((uint)Whole(from, bytes)); break;
            case FixedKind.Int: output.WriteUnmanaged((int)Whole(from, bytes)); break;
            case FixedKind.UShort: output.WriteUnmanaged((ushort)Whole(from, bytes)); break;
            case FixedKind.Short: output.WriteUnmanaged((short)Whole(from, bytes)); break;
            default: throw new InvalidOperationException($"A number cannot become a {to}.");
        }
    }

    private static (int Bits, bool IsSigned)? Shape(FixedKind kind) => kind switch
    {
        FixedKind.SByte => (8, true),
        FixedKind.Byte => (8, false),
        FixedKind.Short => (16, true),
        FixedKind.UShort => (16, false),
        FixedKind.Int => (32, true),
        FixedKind.UInt => (32, false),
        FixedKind.Long => (64, true),
        FixedKind.ULong => (64, false),
        FixedKind.Int128 => (128, true),
        FixedKind.UInt128 => (128, false),
        _ => null,
    };

    // UInt128 has no wider kind, so all other values fit.
    private static Int128 Whole(FixedKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        FixedKind.SByte => (sbyte)bytes[0],
        FixedKind.Byte => bytes[0],
        FixedKind.Short => MemoryMarshal.Read<short>(bytes),
        FixedKind.UShort => MemoryMarshal.Read<ushort>(bytes),
        FixedKind.Int => MemoryMarshal.Read<int>(bytes),
        FixedKind.UInt => MemoryMarshal.Read<uint>(bytes),
        FixedKind.Long => MemoryMarshal.Read<long>(bytes),
        FixedKind.ULong => MemoryMarshal.Read<ulong>(bytes),
        FixedKind.Int128 => MemoryMarshal.Read<Int128>(bytes),
        _ => throw new InvalidOperationException($"{kind} is not a whole number that can be widened."),
    };

    private static double Fraction(FixedKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        FixedKind.Half => (double)MemoryMarshal.Read<Half>(bytes),
        FixedKind.Float => MemoryMarshal.Read<float>(bytes),
        _ => (double)Whole(kind, bytes),
    };
}
