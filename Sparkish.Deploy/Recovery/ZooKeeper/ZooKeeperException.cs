namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A request to ZooKeeper failed, for the reason that <see cref="Error"/> gives.</summary>
internal sealed class ZooKeeperException(ZooKeeperError error, string message, Exception? innerException = null) : SparkException(message, innerException)
{
    public ZooKeeperError Error { get; } = error;

    /// <summary>Whether the outcome is unknown, or what was asked was not done, because of the connection or the session and not of what was asked.</summary>
    public bool IsDisconnection =>
        Error is ZooKeeperError.ConnectionLoss or ZooKeeperError.SessionExpired or ZooKeeperError.SessionMoved or ZooKeeperError.OperationTimeout;

    public static ZooKeeperException From(ZooKeeperError error, string request) => new(error, error switch
    {
        ZooKeeperError.NoAuth =>
            $"ZooKeeper refuses '{request}': this user has no right to. Check spark.deploy.zookeeper.credentials and the ACLs of the node.",
        ZooKeeperError.InvalidAcl => $"ZooKeeper refuses '{request}': its ACL needs credentials. Set spark.deploy.zookeeper.credentials to 'user:password'.",
        ZooKeeperError.QuotaExceeded => $"ZooKeeper refuses '{request}': a quota is exceeded. Raise it with 'setquota', or take it away.",
        _ => $"ZooKeeper answered {error} ({(int)error}) to '{request}'.",
    });
}

/// <summary>What the other side sent is not ZooKeeper's protocol.</summary>
internal sealed class ZooKeeperProtocolException(string what) : IOException($"The peer does not speak ZooKeeper's protocol: {what}.");
