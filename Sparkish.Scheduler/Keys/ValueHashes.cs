using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Sparkish.Keys;

/// <summary>
/// The framework's values that can be keys, each with a hash that equal values share. Numbers are hashed regardless of their scale or sign of zero, dates
/// regardless of their kind, and times with an offset by their instant.
/// </summary>
internal static class ValueHashes
{
    private static readonly Dictionary<Type, Delegate> Known = new Delegate[]
    {
        Stable<bool>(), Stable<char>(), Stable<byte>(), Stable<sbyte>(), Stable<short>(), Stable<ushort>(), Stable<int>(), Stable<uint>(), Stable<long>(),
        Stable<ulong>(), Stable<float>(), Stable<double>(), Stable<decimal>(), Stable<Guid>(), Stable<Rune>(), Stable<TimeSpan>(), Stable<DateTime>(),
        Stable<DateOnly>(), Stable<TimeOnly>(),
        static (Half value) => Number((double)value),
        static (DateTimeOffset value) => Number(value.UtcTicks),
        static (BigInteger value) => HashMix.Bytes(value.ToByteArray()),
        static (string value) => Text(value),
        static (Version value) => HashMix.Combine(
            HashMix.Combine(Number(value.Major), Number(value.Minor)), HashMix.Combine(Number(value.Build), Number(value.Revision))),
        static (CultureInfo value) => Text(value.Name),
        static (Type value) => Text(value.FullName ?? value.Name),
        static (Uri value) => Address(value),
    }.ToDictionary(static hash => hash.Method.GetParameters()[^1].ParameterType);

    // The platform's hash codes of these types are seeded per process, but their equality compares exactly these fields.
    private static readonly HashSet<Type> OfFields =
    [
        typeof(Complex), typeof(Index), typeof(Range), typeof(Int128), typeof(UInt128), typeof(Vector2), typeof(Vector3), typeof(Vector4), typeof(Quaternion),
        typeof(Plane), typeof(KeyValuePair<,>),
    ];

    /// <summary>Returns the hash function of a type; null if it has none here.</summary>
    public static Func<T, uint>? Of<T>() => Known.GetValueOrDefault(typeof(T)) is { } known ? (Func<T, uint>)known
        : typeof(T).IsEnum ? Stable<T>() : null;

    public static bool Has(Type type) => type.IsEnum || Known.ContainsKey(type);

    /// <summary>Whether a struct of the framework is hashed by its fields.</summary>
    public static bool IsOfFields(Type type) => OfFields.Contains(type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type);

    /// <summary>A type whose own hash code depends on the value only.</summary>
    private static Func<T, uint> Stable<T>() => static value => HashMix.Finish((uint)EqualityComparer<T>.Default.GetHashCode(value!));

    private static uint Number<T>(T value) => HashMix.Finish((uint)EqualityComparer<T>.Default.GetHashCode(value!));

    private static uint Text(string text) => HashMix.Bytes(MemoryMarshal.AsBytes(text.AsSpan()));

    // Equal addresses may differ in case and escapes, and in parts that do not lead to another resource.
    private static uint Address(Uri value)
    {
        if (!value.IsAbsoluteUri) return Text(value.OriginalString);
        var place = HashMix.Combine(Text(value.Scheme), Number(value.Port));
        return value.IsFile || value.IsUnc ? place : HashMix.Combine(place, Text(value.GetComponents(UriComponents.HttpRequestUrl, UriFormat.SafeUnescaped)));
    }
}
