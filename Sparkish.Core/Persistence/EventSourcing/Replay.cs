using Sparkish.Serialization;
using Sparkish.Serialization.Closures.Analysis;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Rebuilds the state of a journal: its snapshot, and its events applied one after the other. Runs on any thread.</summary>
internal sealed class Replay<TState, TEvent>(
    EventSchema<TEvent> events, StoredType<TState> state, Func<TState, TEvent, TState> apply, SerializationContext context)
    where TEvent : notnull
{
    /// <exception cref="JournalException">The store failed.</exception>
    /// <exception cref="JournalReplayException">An event cannot be read or applied; the message names it.</exception>
    public async Task<Replayed<TState>> RunAsync(IJournal journal, TState initial, CancellationToken cancellationToken)
    {
        var snapshot = await journal.ReadSnapshotAsync(cancellationToken).ConfigureAwait(false);
        var replayed = snapshot is { } found ? ReadSnapshot(journal, found) : new Replayed<TState>(initial, StoredDefinitions.Empty, Sequence: 0, Events: 0);
        await foreach (var entry in journal.ReadAsync(replayed.Sequence, cancellationToken).ConfigureAwait(false)) replayed = Step(journal, replayed, entry);
        return replayed.Sequence == journal.LastSequence
            ? replayed
            : throw new JournalCorruptException($"Journal '{journal.Name}' was read up to event {replayed.Sequence}, but its last event is {journal.LastSequence}.");
    }

    private Replayed<TState> ReadSnapshot(IJournal journal, JournalSnapshot snapshot)
    {
        try
        {
            var reader = new ByteReader(snapshot.Payload.Span, context);
            var head = SnapshotHead.Read(ref reader);
            return new Replayed<TState>(state.Read(ref reader, head.State), head.Definitions, snapshot.Sequence, Events: 0);
        }
        catch (SerializationException error)
        {
            throw new JournalReplayException(
                $"The snapshot of event {snapshot.Sequence} of journal '{journal.Name}' cannot be read as {TypeNames.Of(typeof(TState))}: {error.Message}",
                    error);
        }
    }

    private Replayed<TState> Step(IJournal journal, Replayed<TState> before, JournalEntry entry)
    {
        if (entry.Sequence != before.Sequence + 1)
            throw new JournalCorruptException(
                $"Journal '{journal.Name}' continues with event {entry.Sequence} after event {before.Sequence}: events are missing.");
        var name = "";
        try
        {
            var reader = new ByteReader(entry.Payload.Span, context);
            var head = EventHead.Read(ref reader);
            var stored = head.Definition ?? before.Definitions.Get(head.Number, head.Fingerprint);
            name = $" ({stored.Name})";
            var definitions = head.Definition is null ? before.Definitions : before.Definitions.With(stored);
            var next = events.TryRead(ref reader, stored, out var @event) ? apply(before.State, @event) : before.State;
            return new Replayed<TState>(next, definitions, entry.Sequence, before.Events + 1);
        }
        catch (SerializationException error)
        {
            throw new JournalReplayException($"Event {entry.Sequence}{name} of journal '{journal.Name}' cannot be read: {error.Message}", error);
        }
        catch (Exception error)
        {
            // Apply is the application's and may throw anything.
            throw new JournalReplayException($"Event {entry.Sequence}{name} of journal '{journal.Name}' cannot be applied: {error.Message}", error);
        }
    }
}

/// <summary>The state rebuilt from a journal.</summary>
/// <param name="State">The state.</param>
/// <param name="Definitions">The definitions of the journal.</param>
/// <param name="Sequence">The number of the last event.</param>
/// <param name="Events">Number of events after the snapshot.</param>
internal sealed record Replayed<TState>(TState State, StoredDefinitions Definitions, long Sequence, long Events);
