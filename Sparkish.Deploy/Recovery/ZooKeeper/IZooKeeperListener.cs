namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Receives the events of a connection other than replies, on its reading thread.</summary>
internal interface IZooKeeperListener
{
    void OnTransactionSeen(long zxid);

    /// <param name="type">The kind of event.</param>
    /// <param name="path">To which node, as the servers name it.</param>
    void OnWatchEvent(WatchEventType type, string path);
}
