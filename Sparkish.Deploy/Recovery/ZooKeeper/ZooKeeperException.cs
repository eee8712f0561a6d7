namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A request to ZooKeeper failed, for the reason in <see cref="Error"/>.</summary>
internal sealed class ZooKeeperException(ZooKeeperError error, string message, Exception? innerException = null) : SparkException(message, innerException)
{
    public ZooKeeperError Error { get; } = error;

    /// <summary>Whether the connection or the session, and not the request, caused the failure or the unknown outcome.</summary>
    public bool IsDisconnection =>
        Error is ZooKeeperError.ConnectionLoss or ZooKeeperError.SessionExpired or ZooKeeperError.SessionMoved or ZooKeeperError.OperationTimeout;

    public static ZooKeeperException From(ZooKeeperError error, string request) => new(error, error switch
    {
        ZooKeeperError.NoAuth =>
            $"ZooKeeper refuses '{request}': this user lacks the permission. Check spark.deploy.zookeeper.credentials and the ACLs of the node.",
        ZooKeeperError.InvalidAcl => $"ZooKeeper refuses '{request}': its ACL needs credentials. Set spark.deploy.zookeeper.credentials to 'user:password'.",
        ZooKeeperError.QuotaExceeded => $"ZooKeeper refuses '{request}': a quota is exceeded. Raise or remove it with 'setquota'.",
        _ => $"ZooKeeper answered {error} ({(int)error}) to '{request}'.",
    });
}

/// <summary>The other side violates ZooKeeper's protocol.</summary>
internal sealed class ZooKeeperProtocolException(string what) : IOException($"The peer does not speak ZooKeeper's protocol: {what}.");
