using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Converts errors of ZooKeeper to those of a journal.</summary>
internal static class JournalFailures
{
    private const string Remedy =
        "Its servers lost acknowledged events, which happens after a full disk, or its nodes were changed by hand. Restore the nodes from a backup.";

    public static JournalException From(string journal, ZooKeeperException cause) =>
        new($"The journal '{journal}' in ZooKeeper failed: {cause.Message}", cause);

    /// <summary>The servers have a journal without events that they acknowledged.</summary>
    public static JournalCorruptException Shorter(string head, long acknowledged, long last) =>
        new($"Event {acknowledged} was acknowledged, but ZooKeeper's node {head} ends with event {last}. {Remedy}");

    /// <summary>A journal has a gap, or ends before the last event that its head names.</summary>
    /// <param name="head">The head's node.</param>
    /// <param name="last">The last event by the head.</param>
    /// <param name="missing">The first event that is missing.</param>
    /// <param name="found">The event found in its place; null at the end.</param>
    public static JournalCorruptException Missing(string head, long last, long missing, long? found) =>
        new($"ZooKeeper's node {head} ends with event {last}, but event {missing} is missing{(found is null ? "" : $" before event {found}")}. {Remedy}");

    /// <summary>A journal has events that its head does not name.</summary>
    public static JournalCorruptException Longer(string head, long last, long found) =>
        new($"ZooKeeper's node {head} ends with event {last}, but event {found} is below it. {Remedy}");
}
