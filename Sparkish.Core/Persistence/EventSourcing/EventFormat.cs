#pragma warning disable MA0048 // the two kinds of payloads belong together
using System.Runtime.InteropServices;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// The stored form of an event. It consists of a byte for the version of this format, the number of its type, the fingerprint of its schema, a flag for the
/// definition, and the body. The definition itself follows the flag on its first use in the journal.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventHead(int Number, ulong Fingerprint, StoredDefinition? Definition)
{
    private const byte Version = 1;

    public void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        writer.WriteCount(Number);
        writer.WriteUnmanaged(Fingerprint);
        writer.WriteByte(Definition is null ? (byte)0 : (byte)1);
        Definition?.Write(writer);
    }

    /// <summary>Reads up to the body.</summary>
    /// <exception cref="SerializationException">The bytes are not an event.</exception>
    public static EventHead Read(ref ByteReader reader)
    {
        FormatVersion.Check(reader.ReadByte(), Version, "event");
        var (number, fingerprint) = (reader.ReadCount(minBytesEach: 0), reader.ReadUnmanaged<ulong>());
        if (!Presence.Read(ref reader)) return new EventHead(number, fingerprint, Definition: null);
        var definition = StoredDefinition.Read(ref reader, number);
        return definition.Fingerprint == fingerprint
            ? new EventHead(number, fingerprint, definition)
            : throw new SerializationException(
                $"The definition of stored type {number} ({definition.Name}) does not have the fingerprint {fingerprint:x16} of its event.");
    }
}

/// <summary>
/// The stored form of a snapshot. It consists of a byte for the version of this format, all definitions of the journal, the definition of the state, and the
/// state. The definitions are repeated because the events that carried them may be truncated.
/// </summary>
internal sealed record SnapshotHead(StoredDefinitions Definitions, StoredDefinition State)
{
    private const byte Version = 1;

    public void Write(ByteWriter writer)
    {
        writer.WriteByte(Version);
        Definitions.Write(writer);
        State.Write(writer);
    }

    /// <summary>Reads up to the state.</summary>
    /// <exception cref="SerializationException">The bytes are not a snapshot.</exception>
    public static SnapshotHead Read(ref ByteReader reader)
    {
        FormatVersion.Check(reader.ReadByte(), Version, "snapshot");
        var definitions = StoredDefinitions.Read(ref reader);
        return new SnapshotHead(definitions, StoredDefinition.Read(ref reader, number: 0));
    }
}

internal static class FormatVersion
{
    public static void Check(byte found, byte known, string what)
    {
        if (found != known) throw new SerializationException($"The {what} is in format {found}, but this version reads format {known}: update the reader.");
    }
}
