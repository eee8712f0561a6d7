using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Sparkish.Serialization;
using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// The types of a journal's events, each with a number that it keeps for as long as there are journals. Names may change: no type name is ever read from a
/// journal. Filled at the start, then only read; may be shared by many endpoints.
/// </summary>
/// <typeparam name="TEvent">The base type of all events.</typeparam>
public sealed class EventSchema<TEvent> where TEvent : notnull
{
    private readonly Dictionary<int, EventType<TEvent>?> _byNumber = [];
    private readonly Dictionary<Type, EventType<TEvent>> _byType = [];

    /// <summary>Adds a type of events.</summary>
    /// <exception cref="ArgumentException">The number is not positive, or the number or the type is in use.</exception>
    /// <exception cref="SerializationException">The type has a part without a fixed schema, such as an interface.</exception>
    public EventSchema<TEvent> Add<T>(int number) where T : TEvent
    {
        var type = new EventType<TEvent, T>(number);
        if (_byType.ContainsKey(typeof(T))) throw new ArgumentException($"{TypeNames.Of(typeof(T))} already has a number.", nameof(number));
        _ = type.Definition; // a type that cannot be stored is found out here
        Take(number, type);
        _byType.Add(typeof(T), type);
        return this;
    }

    /// <summary>Marks a number as used by obsolete events: they are skipped when read, and the number is not used again.</summary>
    /// <exception cref="ArgumentException">The number is not positive, or in use.</exception>
    public EventSchema<TEvent> Retire(int number)
    {
        Take(number, type: null);
        return this;
    }

    /// <summary>
    /// Reads the typed events of a journal, including those that earlier versions of the program wrote; retired ones are skipped. For views, audits and
    /// exports: it changes nothing and does not disturb a writer. Events that a snapshot has replaced are gone, unless
    /// <see cref="EventSourcingOptions{TEvent}.RetainedEvents"/> keeps them.
    /// </summary>
    /// <param name="journal">The journal, as <see cref="IJournalStore.OpenReaderAsync"/> opens it.</param>
    /// <param name="afterSequence">The event after which to begin; 0 for all stored events.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="JournalException">The store failed, or its content is corrupt.</exception>
    /// <exception cref="JournalReplayException">An event cannot be read; the message names it.</exception>
    public async IAsyncEnumerable<RecordedEvent<TEvent>> ReadAsync(
        IJournalReader journal, long afterSequence = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);

        // Each type is defined by its first event, which may precede the requested ones, or by the snapshot.
        var definitions = await RecordedEvents.DefinitionsOfAsync(journal, cancellationToken).ConfigureAwait(false);
        await foreach (var entry in journal.ReadAsync(afterSequence: 0, cancellationToken).ConfigureAwait(false))
        {
            var (read, isThere) = RecordedEvents.Read(this, journal.Name, entry, ref definitions);
            if (isThere && entry.Sequence > afterSequence) yield return read;
        }
    }

    /// <exception cref="SerializationException">The event is of a type that has no number.</exception>
    internal EventType<TEvent> Of(TEvent @event) => _byType.GetValueOrDefault(@event.GetType()) ?? throw new SerializationException(
        $"Events of type {TypeNames.Of(@event.GetType())} have no number: add it to the EventSchema, with a number that was never used.");

    /// <summary>Reads an event; false if its type is retired.</summary>
    /// <exception cref="SerializationException">The type is unknown, or the bytes are not a value of it.</exception>
    internal bool TryRead(ref ByteReader reader, StoredDefinition stored, [MaybeNullWhen(false)] out TEvent @event)
    {
        if (!_byNumber.TryGetValue(stored.Number, out var type)) throw new SerializationException(
            $"Events of type {stored.Number} ({stored.Name}) are not known: add the number to the EventSchema, or retire it.");
        @event = type is null ? default : type.Read(ref reader, stored);
        return type is not null;
    }

    private void Take(int number, EventType<TEvent>? type)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number);
        if (!_byNumber.TryAdd(number, type)) throw new ArgumentException($"Event number {number} is taken.", nameof(number));
    }
}

/// <summary>A type of events and its number.</summary>
internal abstract class EventType<TEvent>
{
    public abstract StoredDefinition Definition { get; }

    public abstract void Write(ByteWriter writer, TEvent @event);

    public abstract TEvent Read(ref ByteReader reader, StoredDefinition stored);
}

internal sealed class EventType<TEvent, T>(int number) : EventType<TEvent> where T : TEvent
{
    private readonly StoredType<T> _type = new(number);

    public override StoredDefinition Definition => _type.Definition;

    public override void Write(ByteWriter writer, TEvent @event) => _type.Write(writer, (T)@event!);

    public override TEvent Read(ref ByteReader reader, StoredDefinition stored) => _type.Read(ref reader, stored);
}
