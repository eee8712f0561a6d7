using System.Buffers.Binary;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>
/// A record of a journal: one event of Akka's, one row of a database. A whole batch is one record, so that it is stored in full or not at all whatever a plugin
/// promises about several events. Layout: version, kind, position, number of events, length and bytes of each, CRC-32C of all before, the record's number and
/// its persistence id.
/// </summary>
/// <param name="kind">Its kind.</param>
/// <param name="position">The state of the journal after it.</param>
/// <param name="events">Its events.</param>
internal sealed class JournalRecord(RecordKind kind, JournalPosition position, IReadOnlyList<ReadOnlyMemory<byte>> events)
{
    private const byte Version = 1;
    private const int EventsAt = 82;

    public RecordKind Kind => kind;

    public JournalPosition Position => position;

    public IReadOnlyList<ReadOnlyMemory<byte>> Events => events;

    /// <summary>The number of its first event, if it has one.</summary>
    public long FirstSequence => position.LastSequence - events.Count + 1;

    /// <summary>Writes the record as the given persistence id stores it.</summary>
    public byte[] Encode(string persistenceId)
    {
        var size = EventsAt + sizeof(uint);
        for (var i = 0; i < events.Count; i++) size += sizeof(int) + events[i].Length;
        var bytes = new byte[size];
        var to = bytes.AsSpan();
        (to[0], to[1]) = (Version, (byte)kind);
        position.Writer.TryWriteBytes(to[2..]);
        BinaryPrimitives.WriteInt64LittleEndian(to[18..], position.Claim);
        BinaryPrimitives.WriteInt64LittleEndian(to[26..], position.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(to[34..], position.LastSequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[42..], position.FirstRecord);
        var snapshot = position.Snapshot.GetValueOrDefault();
        BinaryPrimitives.WriteInt64LittleEndian(to[50..], snapshot.Number);
        BinaryPrimitives.WriteInt64LittleEndian(to[58..], snapshot.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(to[66..], snapshot.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[70..], snapshot.Checksum);
        BinaryPrimitives.WriteInt64LittleEndian(to[74..], events.Count);
        var at = EventsAt;
        for (var i = 0; i < events.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[at..], events[i].Length);
            events[i].Span.CopyTo(to[(at + sizeof(int))..]);
            at += sizeof(int) + events[i].Length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to[at..], StoredChecksum.Of(persistenceId, position.Record, to[..at]));
        return bytes;
    }

    /// <summary>Reads the record that a persistence id stores under a number.</summary>
    /// <exception cref="JournalCorruptException">It is not what was written there.</exception>
    public static JournalRecord Decode(string persistenceId, long number, byte[] bytes)
    {
        if (bytes.Length < EventsAt + sizeof(uint)) throw Damaged(persistenceId, number, $"it has {bytes.Length} bytes, and the smallest has {EventsAt + sizeof(uint)}");
        var from = bytes.AsSpan();
        var end = bytes.Length - sizeof(uint);
        if (BinaryPrimitives.ReadUInt32LittleEndian(from[end..]) != StoredChecksum.Of(persistenceId, number, from[..end]))
            throw Damaged(persistenceId, number, "its checksum does not match: a byte was changed, or the record belongs to another journal or number");
        if (from[0] != Version) throw Damaged(persistenceId, number, $"its version is {from[0]}, and this program reads {Version}: use a later Sparkish");
        var kind = (RecordKind)from[1];
        var blob = BinaryPrimitives.ReadInt64LittleEndian(from[50..]);
        var snapshot = new SnapshotReference(blob, BinaryPrimitives.ReadInt64LittleEndian(from[58..]), BinaryPrimitives.ReadInt32LittleEndian(from[66..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[70..]));
        var position = new JournalPosition(
            number, new Guid(from.Slice(2, 16)), BinaryPrimitives.ReadInt64LittleEndian(from[18..]), BinaryPrimitives.ReadInt64LittleEndian(from[26..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[34..]), BinaryPrimitives.ReadInt64LittleEndian(from[42..]), blob == 0 ? null : snapshot);
        if (kind is not (RecordKind.Claim or RecordKind.Batch or RecordKind.Mark)) throw Damaged(persistenceId, number, $"its kind is {from[1]}");
        return new JournalRecord(kind, position, ReadEvents(persistenceId, number, bytes.AsMemory(0, end)));
    }

    private static List<ReadOnlyMemory<byte>> ReadEvents(string persistenceId, long number, ReadOnlyMemory<byte> bytes)
    {
        var (count, at) = (BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[74..]), EventsAt);
        if (count < 0 || count > (bytes.Length - at) / sizeof(int)) throw Damaged(persistenceId, number, $"{count} events do not fit into its {bytes.Length} bytes");
        var events = new List<ReadOnlyMemory<byte>>((int)count);
        for (var i = 0; i < count; i++)
        {
            var length = bytes.Length - at < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[at..]);
            at += sizeof(int);
            if (length < 0 || length > bytes.Length - at) throw Damaged(persistenceId, number, $"the length of event {i + 1} in it is {length}");
            events.Add(bytes.Slice(at, length));
            at += length;
        }

        return at == bytes.Length ? events : throw Damaged(persistenceId, number, $"{bytes.Length - at} bytes follow its last event");
    }

    private static JournalCorruptException Damaged(string persistenceId, long number, string how) =>
        new($"Record {number} of '{persistenceId}' is damaged: {how}. Restore the journal from a backup.");
}
