using System.Collections.Immutable;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>The definitions of a journal up to an event. An immutable value.</summary>
internal sealed class StoredDefinitions
{
    // Far more than any real journal has.
    private const int MaxCount = 100_000;

    private readonly ImmutableDictionary<(int Number, ulong Fingerprint), StoredDefinition> _known;

    private StoredDefinitions(ImmutableDictionary<(int Number, ulong Fingerprint), StoredDefinition> known) => _known = known;

    public static StoredDefinitions Empty { get; } = new(ImmutableDictionary<(int Number, ulong Fingerprint), StoredDefinition>.Empty);

    public bool Contains(StoredDefinition definition) => _known.ContainsKey((definition.Number, definition.Fingerprint));

    public StoredDefinitions With(StoredDefinition definition) =>
        _known.Count < MaxCount || Contains(definition)
            ? new(_known.SetItem((definition.Number, definition.Fingerprint), definition))
            : throw new SerializationException($"The journal defines more than {MaxCount} types.");

    /// <exception cref="SerializationException">The journal does not define such a type.</exception>
    public StoredDefinition Get(int number, ulong fingerprint) => _known.GetValueOrDefault((number, fingerprint))
        ?? throw new SerializationException($"The journal does not define version {fingerprint:x16} of event type {number}, although it holds such an event.");

    public void Write(ByteWriter writer)
    {
        writer.WriteCount(_known.Count);
        foreach (var definition in _known.Values.OrderBy(known => (known.Number, known.Fingerprint)))
        {
            writer.WriteCount(definition.Number);
            definition.Write(writer);
        }
    }

    public static StoredDefinitions Read(ref ByteReader reader)
    {
        var all = Empty;
        for (var left = reader.ReadCount(minBytesEach: 3); left > 0; left--)
        {
            var number = reader.ReadCount(minBytesEach: 0);
            all = all.With(StoredDefinition.Read(ref reader, number));
        }

        return all;
    }
}
