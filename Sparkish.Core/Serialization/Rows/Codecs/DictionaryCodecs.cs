#pragma warning disable MA0048 // the codecs of maps belong together

using Sparkish.Diagnostics;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Entries after a count and a byte for the comparer. Unknown comparers are refused, not lost.</summary>
internal sealed class DictionaryCodec<TKey, TValue> : BuiltInCodec<Dictionary<TKey, TValue>?> where TKey : notnull
{
    private readonly Codec<KeyValuePair<TKey, TValue>> _entry = Codec.For<KeyValuePair<TKey, TValue>>();

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteNullableCount(-1);
            return;
        }

        ExactType.Of(value);
        writer.WriteNullableCount(value.Count);
        writer.WriteByte(KnownComparers.ByteOf(value.Comparer));
        if (value.Count == 0) return;
        writer.Enter();
        try
        {
            foreach (var entry in value) _entry.Write(writer, entry);
        }
        finally
        {
            writer.Leave();
        }
    }

    public override Dictionary<TKey, TValue>? Read(ref ByteReader reader)
    {
        var count = Elements.ReadCount(ref reader, _entry);
        if (count < 0) return null;
        reader.Enter();
        var dictionary = new Dictionary<TKey, TValue>(count, KnownComparers.Equality<TKey>(reader.ReadByte()));
        if (HashFlooding.IsNeeded(count, dictionary.Comparer)) ReadChecked(ref reader, dictionary, count);
        else
        {
            for (var i = 0; i < count; i++) Add(dictionary, _entry.Read(ref reader));
        }

        reader.Leave();
        return dictionary;
    }

    internal override void Describe(SchemaText text) => text.Append("map [").Append(_entry).Append("]");

    internal void WriteEntries(ByteWriter writer, KeyValuePair<TKey, TValue>[] entries, byte comparer)
    {
        writer.WriteNullableCount(entries.Length);
        writer.WriteByte(comparer);
        Elements.WriteAll(writer, _entry, entries);
    }

    // All keys are looked at before the first is added: see HashFlooding.
    private void ReadChecked(ref ByteReader reader, Dictionary<TKey, TValue> dictionary, int count)
    {
        var entries = new KeyValuePair<TKey, TValue>[count];
        _entry.ReadAll(ref reader, entries);
        Guarded((dictionary, entries), static state =>
        {
            HashFlooding.Check<TKey, TValue>(state.entries, state.dictionary.Comparer, state.dictionary.Capacity);
            return true;
        });
        foreach (var entry in entries) Add(dictionary, entry);
    }

    private static void Add(Dictionary<TKey, TValue> dictionary, KeyValuePair<TKey, TValue> entry)
    {
        if (entry.Key is null) throw new SerializationException("The input holds a dictionary with a key that is null.");
        if (!Guarded((dictionary, entry), static state => state.dictionary.TryAdd(state.entry.Key, state.entry.Value)))
            throw new SerializationException($"The input holds the key '{entry.Key}' twice.");
    }

    // Hash codes and comparisons of keys are application code and may throw anything.
    private static bool Guarded<TState>(TState state, Func<TState, bool> act)
    {
        try
        {
            return act(state);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"The input is not a valid key of a {typeof(Dictionary<TKey, TValue>)}: {ExceptionText.MessageOf(e)}", e);
        }
    }
}

/// <summary>Interfaces of maps: any implementation is written, a <see cref="Dictionary{TKey, TValue}"/> is read.</summary>
internal sealed class MapCodec<TMap, TKey, TValue> : BuiltInCodec<TMap?>
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private readonly DictionaryCodec<TKey, TValue> _entries = new();

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in TMap? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullableCount(-1);
                break;
            case Dictionary<TKey, TValue> dictionary when dictionary.GetType() == typeof(Dictionary<TKey, TValue>):
                _entries.Write(writer, dictionary);
                break;
            default:
                _entries.WriteEntries(writer, value.ToArray(), HiddenComparers.OfMap(value));
                break;
        }
    }

    public override TMap? Read(ref ByteReader reader) => (TMap?)(object?)_entries.Read(ref reader);

    internal override void Describe(SchemaText text) => _entries.Describe(text);
}

/// <summary>Interfaces of sets: any implementation is written, a <see cref="HashSet{T}"/> is read.</summary>
internal sealed class SetCodec<TSet, T> : BuiltInCodec<TSet?> where TSet : class, IEnumerable<T>
{
    private readonly CopiedCodec<HashSet<T>, T> _elements = new(CopiedKinds<T>.HashSet());

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in TSet? value) => _elements.Write(writer, value switch
    {
        null => null,
        HashSet<T> set when set.GetType() == typeof(HashSet<T>) => set,
        _ => new HashSet<T>(value, KnownComparers.Equality<T>(HiddenComparers.OfSet(value))),
    });

    public override TSet? Read(ref ByteReader reader) => (TSet?)(object?)_elements.Read(ref reader);

    internal override void Describe(SchemaText text) => _elements.Describe(text);
}
