namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>How a client finds its servers and how it behaves.</summary>
/// <param name="Url">The servers.</param>
/// <param name="SessionTimeout">For how long the client may be silent before the servers give its session up; the servers bring it within limits of their
/// own.</param>
/// <param name="Credentials"><c>user:password</c>, with which nodes are made for this user alone; null for nodes that are everybody's.</param>
public sealed record ZooKeeperOptions(ZooKeeperUrl Url, TimeSpan SessionTimeout, string? Credentials = null)
{
    /// <summary>TLS to the servers' secure port; null for plain connections.</summary>
    public ZooKeeperTls? Tls { get; init; }

    /// <summary>What servers take, and what this client takes of them: 1 MiB less a byte, as their <c>jute.maxbuffer</c> has it.</summary>
    public int MaxRequestBytes { get; init; } = 0xfffff;

    /// <summary>The largest frame that is read; servers do not bound what they answer, and a list of names may be longer than a node.</summary>
    public int MaxReplyBytes { get; init; } = 4 << 20;

    /// <summary>How many requests may be unanswered, and how many more may wait to be sent; callers wait beyond that.</summary>
    public int MaxOutstanding { get; init; } = 1000;

    internal ZooKeeperAcl Acl => Credentials is null ? ZooKeeperAcl.Anyone : ZooKeeperAcl.Creator;

    /// <summary>Reads what stands in the configuration.</summary>
    /// <param name="url">The servers, as <c>host:port,host:port</c>.</param>
    /// <param name="sessionTimeout">For how long the client may be silent.</param>
    /// <param name="credentials"><c>user:password</c>; empty for none.</param>
    /// <exception cref="SparkException">The list of servers, the timeout or the credentials are wrong.</exception>
    public static ZooKeeperOptions From(string url, TimeSpan sessionTimeout, string credentials = "")
    {
        ArgumentNullException.ThrowIfNull(credentials);
        if (sessionTimeout <= TimeSpan.Zero || sessionTimeout.TotalMilliseconds > int.MaxValue)
            throw new SparkException($"spark.deploy.zookeeper.sessionTimeout is '{sessionTimeout}' but must be positive: give a duration such as '10s'.");
        if (credentials.Length > 0 && credentials.IndexOf(':', StringComparison.Ordinal) <= 0)
            throw new SparkException("spark.deploy.zookeeper.credentials has no user: give 'user:password'.");
        return new ZooKeeperOptions(ZooKeeperUrl.Parse(url), sessionTimeout, credentials.Length > 0 ? credentials : null);
    }

    /// <summary>Without the password, since options may be logged.</summary>
    public override string ToString()
    {
        var servers = string.Join(',', Url.Servers.Select(server => $"{server.Host}:{server.Port}"));
        return $"{servers}{Url.Chroot}, {(Tls is null ? "plain" : "TLS")}, session timeout {SessionTimeout}";
    }
}
