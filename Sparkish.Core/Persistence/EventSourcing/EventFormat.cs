#pragma warning disable MA0048 // the two kinds of payloads belong together
using System.Runtime.InteropServices;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// An event as a journal keeps it: a byte for the version of this format, the number of its type, the fingerprint of the schema that it was written with,
/// a byte that says whether the definition follows, as it does where the journal has not had it before, and the body.
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
    /// <exception cref="SerializationException">The bytes are no event.</exception>
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
/// A snapshot as a journal keeps it: a byte for the version of this format, all definitions that the journal has had, since the events that told them may
/// be truncated, that of the state, and the state.
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
    /// <exception cref="SerializationException">The bytes are no snapshot.</exception>
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
