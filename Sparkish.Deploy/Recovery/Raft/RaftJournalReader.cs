using System.Runtime.CompilerServices;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>Reads a journal from this member's copy of the state, as it was when the reader was opened or later.</summary>
internal sealed class RaftJournalReader(JournalTable table, string name, string key) : IJournalReader
{
    public string Name => name;

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(table.SnapshotOf(key));
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        return EnumerateAsync(table, key, afterSequence, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The events after a given one, from memory.</summary>
    public static async IAsyncEnumerable<JournalEntry> EnumerateAsync(
        JournalTable table, string key, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var entry in table.EventsOf(key, after))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }
}
