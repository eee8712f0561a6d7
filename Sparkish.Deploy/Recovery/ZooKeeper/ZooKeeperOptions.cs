namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Options of a client: its servers and its behaviour.</summary>
/// <param name="Url">The servers.</param>
/// <param name="SessionTimeout">Silence of the client after which the servers expire its session; the servers impose their own limits on it.</param>
/// <param name="Credentials"><c>user:password</c>, to which alone created nodes are accessible; null for nodes that are accessible to everybody.</param>
public sealed record ZooKeeperOptions(ZooKeeperUrl Url, TimeSpan SessionTimeout, string? Credentials = null)
{
    /// <summary>TLS to the servers' secure port; null for plain connections.</summary>
    public ZooKeeperTls? Tls { get; init; }

    /// <summary>Maximum size of a request and of a node: 1 MiB less a byte, the default of the servers' <c>jute.maxbuffer</c>.</summary>
    public int MaxRequestBytes { get; init; } = 0xfffff;

    /// <summary>Maximum size of a received frame; servers do not limit their replies, and a list of names may be longer than a node.</summary>
    public int MaxReplyBytes { get; init; } = 4 << 20;

    /// <summary>Maximum number of unanswered requests, and of requests that wait to be sent; callers wait beyond that.</summary>
    public int MaxOutstanding { get; init; } = 1000;

    internal ZooKeeperAcl Acl => Credentials is null ? ZooKeeperAcl.Anyone : ZooKeeperAcl.Creator;

    /// <summary>Parses the settings.</summary>
    /// <param name="url">The servers, as <c>host:port,host:port</c>.</param>
    /// <param name="sessionTimeout">Silence after which the servers expire the session.</param>
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
