using System.Runtime.CompilerServices;
using System.Text;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Validates values that were read as raw bytes: each method returns the value, or throws if it is not valid.</summary>
internal static class FixedChecks
{
    public static bool Bool(bool value) => Unsafe.BitCast<bool, byte>(value) <= 1 ? value : throw Invalid<bool>();

    public static DateTime DateTime(DateTime value) => (ulong)value.Ticks <= (ulong)System.DateTime.MaxValue.Ticks ? value : throw Invalid<DateTime>();

    public static DateOnly DateOnly(DateOnly value) => (uint)value.DayNumber <= (uint)System.DateOnly.MaxValue.DayNumber ? value : throw Invalid<DateOnly>();

    public static TimeOnly TimeOnly(TimeOnly value) => (ulong)value.Ticks <= (ulong)System.TimeOnly.MaxValue.Ticks ? value : throw Invalid<TimeOnly>();

    public static Rune Rune(Rune value) => System.Text.Rune.IsValid(value.Value) ? value : throw Invalid<Rune>();

    public static decimal Decimal(decimal value)
    {
        const int Unused = 0x7F00FFFF;
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        return (bits[3] & Unused) == 0 && ((bits[3] >> 16) & 0xFF) <= 28 ? value : throw Invalid<decimal>();
    }

    private static SerializationException Invalid<T>() => new($"The input holds bytes that are not a valid {typeof(T)}.");
}
