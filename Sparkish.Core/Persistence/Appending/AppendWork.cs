namespace Sparkish.Persistence.Appending;

/// <summary>A batch of events that is to be appended.</summary>
/// <param name="events">The events.</param>
/// <param name="bytes">Total number of bytes of the events.</param>
/// <param name="completions">Creates its completion.</param>
internal sealed class AppendWork(IReadOnlyList<ReadOnlyMemory<byte>> events, long bytes, TaskCreationOptions completions) : JournalWork(completions)
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Events => events;

    public long Bytes => bytes;

    /// <summary>The number of its last event, assigned when it was accepted.</summary>
    public long LastSequence { get; set; }
}
