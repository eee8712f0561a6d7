using System.Globalization;
using System.Net;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Where ZooKeeper's servers are, as its own clients write it: <c>host:port,host:port/chroot</c>.</summary>
/// <param name="Servers">At least one; a port that is not given is 2181.</param>
/// <param name="Chroot">The node that is this client's root, which is there already; empty for the servers' root.</param>
public sealed record ZooKeeperUrl(IReadOnlyList<DnsEndPoint> Servers, string Chroot)
{
    private const int DefaultPort = 2181;

    /// <summary>Reads a list of servers.</summary>
    /// <exception cref="SparkException">The text is no such list.</exception>
    public static ZooKeeperUrl Parse(string url)
    {
        var slash = url.IndexOf('/', StringComparison.Ordinal);
        var chroot = slash < 0 ? "" : url[slash..].TrimEnd('/');
        if (chroot.Length > 0 && !ZooKeeperPath.IsValid(chroot)) throw Wrong(url);

        var servers = (slash < 0 ? url : url[..slash]).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return servers.Length > 0 ? new ZooKeeperUrl([.. servers.Select(server => ParseServer(server, url))], chroot) : throw Wrong(url);
    }

    private static DnsEndPoint ParseServer(string server, string url)
    {
        // An IPv6 address stands in brackets, so that its colons are no port's.
        var colon = server.LastIndexOf(':');
        var hasPort = colon > server.LastIndexOf(']');
        var host = (hasPort ? server[..colon] : server).TrimStart('[').TrimEnd(']');
        var port = DefaultPort;
        if (host.Length == 0 || host.AsSpan().ContainsAny(" []") || (host.Contains(':', StringComparison.Ordinal) && !server.StartsWith('['))) throw Wrong(url);
        if (hasPort && (!int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
            throw Wrong(url);
        return new DnsEndPoint(host, port);
    }

    private static SparkException Wrong(string url) =>
        new($"spark.deploy.zookeeper.url is '{url}' but must list servers: give 'host:port,host:port', with '/node' behind it for a root of its own.");
}
