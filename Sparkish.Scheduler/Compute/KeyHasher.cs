using System.Runtime.CompilerServices;
using Sparkish.Serialization;

namespace Sparkish.Compute;

/// <summary>
/// Hashes keys the same way in every process. The platform's own hash codes will not do: those of texts and tuples are seeded per process,
/// and equal keys of two executors would go to different partitions.
/// Texts, numbers, dates, enums and tuples of them are hashed as values; other types by their serialized form, so that two keys that are equal
/// must also be written alike.
/// </summary>
internal abstract class KeyHasher<T>
{
    public static KeyHasher<T> Default { get; } = Make();

    public abstract uint Hash(T key);

    private static KeyHasher<T> Make()
    {
        var type = typeof(T);
        if (type == typeof(string)) return (KeyHasher<T>)(object)new TextHasher();
        if (type.IsArray)
            throw new SparkException($"{type} cannot be a key, since two arrays with the same elements are not equal. Use a tuple, a record or a text.");
        if (IsStable(type)) return new StableHasher<T>();
        if (type.IsGenericType && type.IsValueType && typeof(ITuple).IsAssignableFrom(type))
        {
            var items = type.GetGenericArguments();
            var hasher = items.Length switch { 1 => typeof(SingleHasher<>), 2 => typeof(PairHasher<,>), 3 => typeof(TripleHasher<,,>), _ => null };
            if (hasher is not null) return (KeyHasher<T>)Activator.CreateInstance(hasher.MakeGenericType(items))!;
        }

        return new SerializedHasher<T>();
    }

    /// <summary>Whether the type's own hash code depends on nothing but the value.</summary>
    private static bool IsStable(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(decimal) || type == typeof(DateTime) || type == typeof(TimeSpan) || type == typeof(Guid)
        || type == typeof(DateOnly) || type == typeof(TimeOnly);
}

internal static class HashMix
{
    /// <summary>The finalizer of MurmurHash3: every bit of the input changes about half of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Finish(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Combine(uint first, uint second) => Finish((first * 31) + second);

    /// <summary>Hashes bytes eight at a time with a multiply and a fold.</summary>
    public static uint Bytes(ReadOnlySpan<byte> bytes)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length * Multiplier;
        while (bytes.Length >= 8)
        {
            hash = Fold(hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes), Multiplier);
            bytes = bytes[8..];
        }

        ulong tail = 0;
        for (var i = 0; i < bytes.Length; i++) tail |= (ulong)bytes[i] << (8 * i);
        hash = Fold(hash ^ tail, Multiplier);
        return Finish((uint)(hash ^ (hash >> 32)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong value, ulong multiplier)
    {
        var high = Math.BigMul(value, multiplier, out var low);
        return high ^ low;
    }
}

internal sealed class TextHasher : KeyHasher<string>
{
    public override uint Hash(string key) => key is null ? 0 : HashMix.Bytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(key.AsSpan()));
}

internal sealed class StableHasher<T> : KeyHasher<T>
{
    public override uint Hash(T key) => HashMix.Finish((uint)EqualityComparer<T>.Default.GetHashCode(key!));
}

internal sealed class SingleHasher<T1> : KeyHasher<ValueTuple<T1>>
{
    public override uint Hash(ValueTuple<T1> key) => KeyHasher<T1>.Default.Hash(key.Item1);
}

internal sealed class PairHasher<T1, T2> : KeyHasher<(T1, T2)>
{
    public override uint Hash((T1, T2) key) => HashMix.Combine(KeyHasher<T1>.Default.Hash(key.Item1), KeyHasher<T2>.Default.Hash(key.Item2));
}

internal sealed class TripleHasher<T1, T2, T3> : KeyHasher<(T1, T2, T3)>
{
    public override uint Hash((T1, T2, T3) key) =>
        HashMix.Combine(KeyHasher<(T1, T2)>.Default.Hash((key.Item1, key.Item2)), KeyHasher<T3>.Default.Hash(key.Item3));
}

internal sealed class SerializedHasher<T> : KeyHasher<T>
{
    [ThreadStatic]
    private static ByteWriter? _writer;

    public override uint Hash(T key)
    {
        var writer = _writer ??= new ByteWriter();
        writer.Clear();
        Codec.For<T>().Write(writer, key);
        return HashMix.Bytes(writer.WrittenSpan);
    }
}
