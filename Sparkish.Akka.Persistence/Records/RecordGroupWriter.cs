#pragma warning disable MA0048 // the work that only this writer does
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>Writes the groups of an open journal, each as one record after the last.</summary>
/// <param name="name">The journal's name.</param>
/// <param name="log">Its records.</param>
/// <param name="claim">The record with which it was opened.</param>
/// <param name="time">The clock.</param>
internal sealed class RecordGroupWriter(string name, RecordLog log, JournalPosition claim, TimeProvider time) : SerialGroupWriter
{
    private const long MaxGroupBytes = 1 << 20;

    private readonly RecordCommit _commit = new(log, time);
    private volatile JournalPosition _position = claim;

    /// <summary>The position after the last acknowledged record.</summary>
    public JournalPosition Position => _position;

    public override bool Fits(CommitGroup group, AppendWork next) => group.Bytes + next.Bytes <= MaxGroupBytes;

    protected override async Task WriteAsync(CommitGroup group)
    {
        var record = group.Other is MarkWork mark ? RecordOf(mark) : RecordOf(group);
        if (!await _commit.TryAsync(record).ConfigureAwait(false)) throw await ExplainRefusalAsync().ConfigureAwait(false);
        _position = record.Position;
    }

    private JournalRecord RecordOf(MarkWork mark) => new(RecordKind.Mark, mark.Change(Next()), []);

    private JournalRecord RecordOf(CommitGroup group)
    {
        var events = new List<ReadOnlyMemory<byte>>(group.EventCount);
        foreach (var append in group.Appends) events.AddRange(append.Events);
        return new JournalRecord(RecordKind.Batch, Next() with { LastSequence = group.LastSequence }, events);
    }

    private JournalPosition Next() => _position with { Record = _position.Record + 1 };

    private async Task<JournalException> ExplainRefusalAsync()
    {
        var last = await log.ReadLastAsync(CancellationToken.None).ConfigureAwait(false);
        if (last is null) return new JournalCorruptException($"Journal '{name}' was removed from {log.Place} while it was open: restore it.");
        var epoch = _position.Epoch;
        return last.Position.Epoch > epoch
            ? new StaleEpochException(name, epoch, last.Position.Epoch)
            : new JournalException($"Journal '{name}' was opened again under the same epoch, {epoch}: append to the journal that was opened last.");
    }
}

/// <summary>Changes what the next record says about the journal.</summary>
/// <param name="change">Makes the new position.</param>
internal sealed class MarkWork(Func<JournalPosition, JournalPosition> change) : JournalWork(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Func<JournalPosition, JournalPosition> Change => change;
}
