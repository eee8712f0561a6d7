using Sparkish.Persistence;
using Sparkish.Serialization;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>One journal in the replicated state. Every step depends on the command and on earlier commands only.</summary>
internal sealed class StoredJournal
{
    private List<ReadOnlyMemory<byte>> _parts = [];

    // The writer and the target of the parts: another group's parts do not continue them.
    private (RaftCommandKind Kind, long Number, int Parts) _partsOf;

    public long Epoch { get; private set; }

    /// <summary>The opening that may write.</summary>
    public Guid Writer { get; private set; }

    public long LastSequence { get; private set; }

    public JournalSnapshot? Snapshot { get; private set; }

    /// <summary>The kept events, without gaps up to the last one.</summary>
    public List<JournalEntry> Events { get; private set; } = [];

    /// <summary>Takes the journal over for a writer.</summary>
    public RaftOutcome Claim(RaftCommand claim)
    {
        // A claim that is repeated, because its first answer was lost.
        if (claim.Writer == Writer) return Opened();
        var continues = claim.Number == Epoch && claim.Previous == Writer && claim.Previous != Guid.Empty;
        if (claim.Number != 0 && claim.Number <= Epoch && !continues) return new RaftOutcome(Stale: Epoch);
        Epoch = claim.Number == 0 ? Epoch + 1 : claim.Number;
        Writer = claim.Writer;
        _parts = [];
        return Opened();
    }

    /// <summary>Applies a command of a writer.</summary>
    public RaftOutcome Write(RaftCommand command)
    {
        if (command.Writer != Writer) return new RaftOutcome(Stale: Epoch);
        if (command.Kind == RaftCommandKind.Truncate) return Truncate(command.Number);
        if (command.Part == 0) (_parts, _partsOf) = ([], (command.Kind, command.Number, command.Parts));
        if (command.Part != _parts.Count || _partsOf != (command.Kind, command.Number, command.Parts))
            return new RaftOutcome(Conflict: $"part {command.Part} of {command.Parts} came after {_parts.Count} parts");
        _parts.Add(command.Body);
        if (_parts.Count < command.Parts) return default;
        var whole = Join(_parts);
        _parts = [];
        return command.Kind == RaftCommandKind.Append ? Append(command.Number, whole) : Save(new JournalSnapshot(command.Number, whole));
    }

    /// <summary>Encodes events as the body of an append.</summary>
    public static byte[] Encode(IEnumerable<ReadOnlyMemory<byte>> events, int count, long bytes)
    {
        var writer = new ByteWriter(checked((int)(bytes + ((count + 1L) * sizeof(int)))));
        writer.WriteUnmanaged(count);
        foreach (var one in events)
        {
            writer.WriteUnmanaged(one.Length);
            writer.WriteRaw(one.Span);
        }

        return writer.ToArray();
    }

    public void WriteTo(ByteWriter writer)
    {
        writer.WriteUnmanaged(Epoch);
        writer.WriteUnmanaged(Writer);
        writer.WriteUnmanaged(LastSequence);
        writer.WriteUnmanaged(Snapshot?.Sequence ?? -1);
        if (Snapshot is { } snapshot) WriteBytes(writer, snapshot.Payload);
        writer.WriteUnmanaged(Events.Count);
        foreach (var entry in Events)
        {
            writer.WriteUnmanaged(entry.Epoch);
            WriteBytes(writer, entry.Payload);
        }

        writer.WriteByte((byte)_partsOf.Kind);
        writer.WriteUnmanaged(_partsOf.Number);
        writer.WriteUnmanaged(_partsOf.Parts);
        writer.WriteUnmanaged(_parts.Count);
        foreach (var part in _parts) WriteBytes(writer, part);
    }

    public static StoredJournal ReadFrom(ref ByteReader reader, ReadOnlyMemory<byte> bytes)
    {
        var journal = new StoredJournal
        {
            Epoch = reader.ReadUnmanaged<long>(),
            Writer = reader.ReadUnmanaged<Guid>(),
            LastSequence = reader.ReadUnmanaged<long>(),
        };
        var sequence = reader.ReadUnmanaged<long>();
        if (sequence >= 0) journal.Snapshot = new JournalSnapshot(sequence, ReadBytes(ref reader, bytes));
        var count = reader.ReadUnmanaged<int>();
        for (var i = 0; i < count; i++)
        {
            var epoch = reader.ReadUnmanaged<long>();
            journal.Events.Add(new JournalEntry(journal.LastSequence - count + 1 + i, epoch, ReadBytes(ref reader, bytes)));
        }

        journal._partsOf = ((RaftCommandKind)reader.ReadByte(), reader.ReadUnmanaged<long>(), reader.ReadUnmanaged<int>());
        for (var parts = reader.ReadUnmanaged<int>(); parts > 0; parts--) journal._parts.Add(ReadBytes(ref reader, bytes));
        return journal;
    }

    private RaftOutcome Opened() => new(Epoch: Epoch, LastSequence: LastSequence, Snapshot: Snapshot?.Sequence);

    private RaftOutcome Append(long first, ReadOnlyMemory<byte> body)
    {
        if (first != LastSequence + 1) return new RaftOutcome(Conflict: $"event {first} does not follow event {LastSequence}");
        var reader = new ByteReader(body.Span);
        for (var left = reader.ReadUnmanaged<int>(); left > 0; left--)
            Events.Add(new JournalEntry(++LastSequence, Epoch, ReadBytes(ref reader, body)));
        return new RaftOutcome(LastSequence: LastSequence);
    }

    private RaftOutcome Save(JournalSnapshot snapshot)
    {
        if (snapshot.Sequence > LastSequence || snapshot.Sequence < Snapshot?.Sequence)
            return new RaftOutcome(Conflict: $"a snapshot of event {snapshot.Sequence} does not fit the last event, {LastSequence}");
        Snapshot = snapshot;
        return default;
    }

    private RaftOutcome Truncate(long through)
    {
        if (through > (Snapshot?.Sequence ?? 0)) return new RaftOutcome(Conflict: $"no snapshot covers the events up to {through}");
        var kept = Events.FindIndex(entry => entry.Sequence > through);
        Events = kept < 0 ? [] : Events.GetRange(kept, Events.Count - kept);
        return default;
    }

    private static ReadOnlyMemory<byte> Join(List<ReadOnlyMemory<byte>> parts)
    {
        if (parts.Count == 1) return parts[0];
        var whole = new byte[parts.Sum(static part => (long)part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(whole.AsSpan(at));
            at += part.Length;
        }

        return whole;
    }

    private static void WriteBytes(ByteWriter writer, ReadOnlyMemory<byte> bytes)
    {
        writer.WriteUnmanaged(bytes.Length);
        writer.WriteRaw(bytes.Span);
    }

    private static ReadOnlyMemory<byte> ReadBytes(ref ByteReader reader, ReadOnlyMemory<byte> all)
    {
        var length = reader.ReadUnmanaged<int>();
        var start = reader.Position;
        reader.ReadRaw(length);
        return all.Slice(start, length);
    }
}
