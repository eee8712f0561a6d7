using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sparkish.Serialization.Rows.Codecs;

namespace Sparkish.Serialization.Schemas;

/// <summary>Values of a fixed size in the form of System.Text.Json; those without one, as text.</summary>
internal static class FixedJson
{
    public static void Write(Utf8JsonWriter json, FixedKind kind, ReadOnlySpan<byte> bytes)
    {
        switch (kind)
        {
            case FixedKind.Bool: json.WriteBooleanValue(FixedChecks.Bool(MemoryMarshal.Read<bool>(bytes))); break;
            case FixedKind.SByte: json.WriteNumberValue((sbyte)bytes[0]); break;
            case FixedKind.Byte: json.WriteNumberValue(bytes[0]); break;
            case FixedKind.Short: json.WriteNumberValue(MemoryMarshal.Read<short>(bytes)); break;
            case FixedKind.UShort: json.WriteNumberValue(MemoryMarshal.Read<ushort>(bytes)); break;
            case FixedKind.Int: json.WriteNumberValue(MemoryMarshal.Read<int>(bytes)); break;
            case FixedKind.UInt: json.WriteNumberValue(MemoryMarshal.Read<uint>(bytes)); break;
            case FixedKind.Long: json.WriteNumberValue(MemoryMarshal.Read<long>(bytes)); break;
            case FixedKind.ULong: json.WriteNumberValue(MemoryMarshal.Read<ulong>(bytes)); break;
            case FixedKind.Int128: Raw(json, MemoryMarshal.Read<Int128>(bytes)); break;
            case FixedKind.UInt128: Raw(json, MemoryMarshal.Read<UInt128>(bytes)); break;
            case FixedKind.Half: Fraction(json, MemoryMarshal.Read<Half>(bytes)); break;
            case FixedKind.Float: Fraction(json, MemoryMarshal.Read<float>(bytes)); break;
            case FixedKind.Double: Fraction(json, MemoryMarshal.Read<double>(bytes)); break;
            case FixedKind.Decimal: json.WriteNumberValue(FixedChecks.Decimal(MemoryMarshal.Read<decimal>(bytes))); break;
            case FixedKind.Bytes: json.WriteBase64StringValue(bytes); break;
            default: WriteText(json, kind, bytes); break;
        }
    }

    public static void WriteBigInteger(Utf8JsonWriter json, ReadOnlySpan<byte> bytes) => Raw(json, new BigInteger(bytes));

    private static void WriteText(Utf8JsonWriter json, FixedKind kind, ReadOnlySpan<byte> bytes)
    {
        switch (kind)
        {
            case FixedKind.Char: JsonText.Write(json, MemoryMarshal.Read<char>(bytes).ToString()); break;
            case FixedKind.Rune: json.WriteStringValue(FixedChecks.Rune(MemoryMarshal.Read<Rune>(bytes)).ToString()); break;
            case FixedKind.Guid: json.WriteStringValue(MemoryMarshal.Read<Guid>(bytes)); break;
            case FixedKind.DateTime: json.WriteStringValue(FixedChecks.DateTime(MemoryMarshal.Read<DateTime>(bytes))); break;
            case FixedKind.DateTimeOffset: WriteOffset(json, bytes); break;
            case FixedKind.DateOnly:
                json.WriteStringValue(FixedChecks.DateOnly(MemoryMarshal.Read<DateOnly>(bytes)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case FixedKind.TimeOnly:
                json.WriteStringValue(FixedChecks.TimeOnly(MemoryMarshal.Read<TimeOnly>(bytes)).ToTimeSpan().ToString("c", CultureInfo.InvariantCulture));
                break;
            case FixedKind.TimeSpan: json.WriteStringValue(MemoryMarshal.Read<TimeSpan>(bytes).ToString("c", CultureInfo.InvariantCulture)); break;
            default: throw new InvalidOperationException($"{kind} has no form in JSON.");
        }
    }

    private static void WriteOffset(Utf8JsonWriter json, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        json.WriteStringValue(Codec.For<DateTimeOffset>().Read(ref reader));
    }

    // JSON has no form for infinities and NaN: they are strings, as System.Text.Json writes them if allowed.
    private static void Fraction<T>(Utf8JsonWriter json, T value) where T : IFloatingPoint<T>
    {
        if (T.IsFinite(value)) Raw(json, value);
        else json.WriteStringValue(T.IsNaN(value) ? "NaN" : T.IsPositive(value) ? "Infinity" : "-Infinity");
    }

    private static void Raw(Utf8JsonWriter json, IFormattable value) =>
        json.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
}
