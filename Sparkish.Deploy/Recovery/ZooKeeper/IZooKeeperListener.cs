namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Hears what a connection brings besides replies, on the thread that reads it.</summary>
internal interface IZooKeeperListener
{
    void OnTransactionSeen(long zxid);

    /// <param name="type">What happened.</param>
    /// <param name="path">To which node, as the servers name it.</param>
    void OnWatchEvent(WatchEventType type, string path);
}
