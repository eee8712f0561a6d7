namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A journal that was taken over.</summary>
/// <param name="Head">Its head, with the new term.</param>
/// <param name="Version">The version of the head's node.</param>
/// <param name="Group">The group of the next batch; null for a new one.</param>
/// <param name="GroupCount">Number of batches in the group.</param>
internal sealed record OpenedJournal(JournalHead Head, int Version, long? Group, int GroupCount);
