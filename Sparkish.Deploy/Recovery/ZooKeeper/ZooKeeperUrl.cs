using System.Globalization;
using System.Net;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A list of ZooKeeper's servers in the notation of its own clients: <c>host:port,host:port/chroot</c>.</summary>
/// <param name="Servers">At least one server; the default port is 2181.</param>
/// <param name="Chroot">The root node of this client, which exists already; empty for the servers' root.</param>
public sealed record ZooKeeperUrl(IReadOnlyList<DnsEndPoint> Servers, string Chroot)
{
    private const int DefaultPort = 2181;

    /// <summary>Reads a list of servers.</summary>
    /// <exception cref="SparkException">The text is not a valid list.</exception>
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
        // Brackets enclose an IPv6 address, so that its colons do not start a port.
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
        new($"spark.deploy.zookeeper.url is '{url}' but must list servers: give 'host:port,host:port', followed by '/node' for another root.");
}
