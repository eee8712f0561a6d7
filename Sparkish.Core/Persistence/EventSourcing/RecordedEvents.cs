using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Reads events without an endpoint.</summary>
internal static class RecordedEvents
{
    private static readonly SerializationContext Context = new() { RefusesGraphs = true };

    /// <summary>Reads the definitions of earlier event types from the snapshot of a journal.</summary>
    public static async ValueTask<StoredDefinitions> DefinitionsOfAsync(IJournalReader journal, CancellationToken cancellationToken)
    {
        if (await journal.ReadSnapshotAsync(cancellationToken).ConfigureAwait(false) is not { } snapshot) return StoredDefinitions.Empty;
        try
        {
            var reader = new ByteReader(snapshot.Payload.Span, Context);
            return SnapshotHead.Read(ref reader).Definitions;
        }
        catch (SerializationException error)
        {
            throw new JournalReplayException($"The snapshot of event {snapshot.Sequence} of journal '{journal.Name}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads one event.</summary>
    /// <returns>The event, and whether its type is still in use.</returns>
    public static (RecordedEvent<TEvent> Event, bool IsThere) Read<TEvent>(
        EventSchema<TEvent> schema, string journal, JournalEntry entry, ref StoredDefinitions definitions) where TEvent : notnull
    {
        var name = "";
        try
        {
            var reader = new ByteReader(entry.Payload.Span, Context);
            var head = EventHead.Read(ref reader);
            if (head.Definition is { } definition) definitions = definitions.With(definition);
            var stored = definitions.Get(head.Number, head.Fingerprint);
            name = $" ({stored.Name})";
            return schema.TryRead(ref reader, stored, out var @event) ? (new RecordedEvent<TEvent>(entry.Sequence, entry.Epoch, @event), true) : default;
        }
        catch (SerializationException error)
        {
            throw new JournalReplayException($"Event {entry.Sequence}{name} of journal '{journal}' cannot be read: {error.Message}", error);
        }
    }
}
