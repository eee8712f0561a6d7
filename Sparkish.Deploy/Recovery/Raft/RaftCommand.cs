#pragma warning disable MA0048 // the commands, their outcome and their format belong together
using System.Runtime.InteropServices;
using Sparkish.Serialization;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>The kind of a command in the log.</summary>
internal enum RaftCommandKind : byte
{
    /// <summary>A leader begins a term.</summary>
    Lead = 1,

    /// <summary>A store opens a journal for writing.</summary>
    Claim = 2,

    /// <summary>A part of a group of events; the last part appends the group.</summary>
    Append = 3,

    /// <summary>A part of a snapshot; the last part replaces the snapshot.</summary>
    Snapshot = 4,

    /// <summary>Deletes events that the snapshot covers.</summary>
    Truncate = 5,
}

/// <summary>A command in the log, applied by every member in the same order.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Request">Identifies the request to the member that made it.</param>
internal sealed record RaftCommand(RaftCommandKind Kind, Guid Request)
{
    /// <summary>Maximum size of the bytes in one command; larger groups and snapshots are split.</summary>
    public const int MaxPartBytes = 1 << 20;

    /// <summary>The journal; empty for <see cref="RaftCommandKind.Lead"/>.</summary>
    public string Journal { get; init; } = "";

    /// <summary>The opening that writes; for <see cref="RaftCommandKind.Lead"/> the cluster's id, which the first term sets.</summary>
    public Guid Writer { get; init; }

    /// <summary>For a claim: the writer of the store's own opening before, if that is closed.</summary>
    public Guid Previous { get; init; }

    /// <summary>The epoch of a claim, 0 for the next one; the first event of an append; the sequence of a snapshot or truncation.</summary>
    public long Number { get; init; }

    /// <summary>The number of this part, from 0.</summary>
    public int Part { get; init; }

    /// <summary>Number of parts of the group or snapshot.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>The bytes of this part.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Encodes the command.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(Body.Length + 128);
        writer.WriteByte((byte)Kind);
        writer.WriteUnmanaged(Request);
        writer.WriteString(Journal);
        writer.WriteUnmanaged(Writer);
        writer.WriteUnmanaged(Previous);
        writer.WriteUnmanaged(Number);
        writer.WriteUnmanaged(Part);
        writer.WriteUnmanaged(Parts);
        writer.WriteUnmanaged(Body.Length);
        writer.WriteRaw(Body.Span);
        return writer.ToArray();
    }

    /// <summary>Decodes a command; its body is a part of the given bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a command of this version.</exception>
    public static RaftCommand Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new ByteReader(bytes.Span);
            var kind = (RaftCommandKind)reader.ReadByte();
            var request = reader.ReadUnmanaged<Guid>();
            var journal = reader.ReadString() ?? "";
            var (writer, previous, number) = (reader.ReadUnmanaged<Guid>(), reader.ReadUnmanaged<Guid>(), reader.ReadUnmanaged<long>());
            var (part, parts, length) = (reader.ReadUnmanaged<int>(), reader.ReadUnmanaged<int>(), reader.ReadUnmanaged<int>());
            if (kind is < RaftCommandKind.Lead or > RaftCommandKind.Truncate || length != reader.Remaining || part < 0 || part >= parts)
                throw new InvalidDataException($"The log has a command of the unknown kind {(byte)kind}, or with wrong lengths: run one version of Sparkish on all masters.");
            return new RaftCommand(kind, request)
            {
                Journal = journal,
                Writer = writer,
                Previous = previous,
                Number = number,
                Part = part,
                Parts = parts,
                Body = bytes.Slice(reader.Position, length),
            };
        }
        catch (SerializationException e)
        {
            throw new InvalidDataException($"The log has a command that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Splits a command with a large body into commands that fit into entries.</summary>
    public IEnumerable<RaftCommand> Split()
    {
        var parts = Math.Max(1, (Body.Length + MaxPartBytes - 1) / MaxPartBytes);
        for (var part = 0; part < parts; part++)
        {
            var start = part * MaxPartBytes;
            yield return this with
            {
                Request = Guid.NewGuid(),
                Part = part,
                Parts = parts,
                Body = Body.Slice(start, Math.Min(MaxPartBytes, Body.Length - start)),
            };
        }
    }
}

/// <summary>The outcome of an applied command, equal on every member.</summary>
/// <param name="Stale">For a writer whose epoch is over: the present epoch.</param>
/// <param name="Conflict">The reason why the command did not fit the journal; null if it did.</param>
/// <param name="Epoch">The epoch of a term or of a claimed journal.</param>
/// <param name="LastSequence">The last event of a claimed journal.</param>
/// <param name="Snapshot">The sequence of a claimed journal's snapshot; null if it has none.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RaftOutcome(long? Stale = null, string? Conflict = null, long Epoch = 0, long LastSequence = 0, long? Snapshot = null);
