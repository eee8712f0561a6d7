#pragma warning disable MA0048 // the work belongs to its writer
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>A command of a journal that is not an append.</summary>
internal sealed class RaftWork(RaftCommand command) : JournalWork(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RaftCommand Command => command;
}

/// <summary>Commits the groups of one journal, one after the other. A group is one entry of the log, or several of which the last one takes effect.</summary>
internal sealed class RaftGroupWriter(RaftNode node, string name, string key, Guid writer, long epoch) : SerialGroupWriter
{
    /// <summary>Only what fits into one entry is written together; a larger batch goes alone.</summary>
    public override bool Fits(CommitGroup group, AppendWork next) =>
        group.Bytes + next.Bytes + ((group.EventCount + next.Events.Count) * sizeof(int)) <= RaftCommand.MaxPartBytes - sizeof(int);

    protected override async Task WriteAsync(CommitGroup group)
    {
        var command = group.Other is RaftWork work
            ? work.Command
            : new RaftCommand(RaftCommandKind.Append, default)
            {
                Number = group.FirstSequence,
                Body = StoredJournal.Encode(group.Appends.SelectMany(static append => append.Events), group.EventCount, group.Bytes),
            };
        foreach (var part in (command with { Journal = key, Writer = writer }).Split()) await CommitAsync(part).ConfigureAwait(false);
    }

    private async Task CommitAsync(RaftCommand part)
    {
        RaftOutcome outcome;
        try
        {
            outcome = await node.CommitAsync(part, CancellationToken.None).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            throw new JournalException(
                $"The journal '{name}' in the Raft group failed: {e.Message}. It is unknown whether the write was done; open the journal again to find out.", e);
        }

        if (outcome.Stale is { } current) throw new StaleEpochException(name, epoch, current);
        if (outcome.Conflict is { } conflict) throw new JournalException($"The journal '{name}' in the Raft group refused a write: {conflict}. Open it again.");
    }
}
