#pragma warning disable MA0048 // the parts of a position
using Sparkish.Akka.Persistence.Plugins;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>The state of a journal after one of its records. Each record holds it, so the last record alone describes the journal.</summary>
/// <param name="Record">The number of the record: 1 for the first of a journal, then incremented without gaps. Akka's sequence number.</param>
/// <param name="Writer">Identifies the opening that wrote it.</param>
/// <param name="Claim">The number of the record with which that opening began.</param>
/// <param name="Epoch">The term under which it was written.</param>
/// <param name="LastSequence">The number of the last event.</param>
/// <param name="FirstRecord">The number of the first record that counts. Earlier ones are deleted, or will be.</param>
/// <param name="Snapshot">The latest snapshot; null if there is none.</param>
internal sealed record JournalPosition(long Record, Guid Writer, long Claim, long Epoch, long LastSequence, long FirstRecord, SnapshotReference? Snapshot);

/// <summary>The kinds of records. Their numbers are stored.</summary>
internal enum RecordKind : byte
{
    /// <summary>Nothing valid.</summary>
    None = 0,

    /// <summary>A writer takes the journal over.</summary>
    Claim = 1,

    /// <summary>Events that are stored together, all or none.</summary>
    Batch = 2,

    /// <summary>A new snapshot, or a new first record.</summary>
    Mark = 3,
}
