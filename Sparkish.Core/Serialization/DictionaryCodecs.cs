#pragma warning disable MA0048 // the codecs of maps stand together
namespace Sparkish.Serialization;

/// <summary>Entries behind a count and a byte for the comparer. Comparers other than the common ones of strings are refused, not lost.</summary>
internal sealed class DictionaryCodec<TKey, TValue> : Codec<Dictionary<TKey, TValue>?> where TKey : notnull
{
    private readonly Codec<TKey> _key = Codec.For<TKey>();
    private readonly Codec<TValue> _value = Codec.For<TValue>();

    public override void Write(ByteWriter writer, in Dictionary<TKey, TValue>? value)
    {
        if (value is null) writer.WriteNullableCount(-1);
        else WriteEntries(writer, value, value.Count, ComparerOf(value));
    }

    public override Dictionary<TKey, TValue>? Read(ref ByteReader reader)
    {
        var count = reader.ReadNullableCount(minBytesEach: 2);
        if (count < 0) return null;
        reader.Enter();
        var dictionary = new Dictionary<TKey, TValue>(count, ReadComparer(ref reader));
        for (var i = 0; i < count; i++)
        {
            var key = _key.Read(ref reader) ?? throw new SerializationException("The input holds a dictionary with a key that is null.");
            if (!dictionary.TryAdd(key, _value.Read(ref reader))) throw new SerializationException($"The input holds the key '{key}' twice.");
        }

        reader.Leave();
        return dictionary;
    }

    internal void WriteEntries(ByteWriter writer, IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, byte comparer)
    {
        writer.WriteNullableCount(count);
        writer.WriteByte(comparer);
        writer.Enter();
        try
        {
            foreach (var (key, value) in entries)
            {
                _key.Write(writer, key);
                _value.Write(writer, value);
            }
        }
        finally
        {
            writer.Leave();
        }
    }

    internal static byte ComparerOf(Dictionary<TKey, TValue> dictionary)
    {
        if (dictionary.Comparer.Equals(EqualityComparer<TKey>.Default)) return 0;
        if (dictionary.Comparer.Equals(StringComparer.Ordinal)) return 1;
        if (dictionary.Comparer.Equals(StringComparer.OrdinalIgnoreCase)) return 2;
        throw new SerializationException($"A dictionary with the comparer {dictionary.Comparer.GetType()} has no fixed schema: use the default comparer.");
    }

    private static IEqualityComparer<TKey>? ReadComparer(ref ByteReader reader) => reader.ReadByte() switch
    {
        0 => null,
        1 when typeof(TKey) == typeof(string) => (IEqualityComparer<TKey>)(object)StringComparer.Ordinal,
        2 when typeof(TKey) == typeof(string) => (IEqualityComparer<TKey>)(object)StringComparer.OrdinalIgnoreCase,
        var other => throw new SerializationException($"{other} is no comparer of {typeof(TKey)}."),
    };
}

/// <summary>Interfaces of maps: any implementation is written, a <see cref="Dictionary{TKey, TValue}"/> is read.</summary>
internal sealed class MapCodec<TMap, TKey, TValue> : Codec<TMap?>
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly DictionaryCodec<TKey, TValue> _entries = new();

    public override void Write(ByteWriter writer, in TMap? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullableCount(-1);
                break;
            case Dictionary<TKey, TValue> dictionary:
                _entries.Write(writer, dictionary);
                break;
            default:
                var entries = value.ToArray();
                _entries.WriteEntries(writer, entries, entries.Length, comparer: 0);
                break;
        }
    }

    public override TMap? Read(ref ByteReader reader) => (TMap?)(object?)_entries.Read(ref reader);
}
