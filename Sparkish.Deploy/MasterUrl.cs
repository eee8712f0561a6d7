using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>Parses <c>spark://host1:port1,host2:port2</c>: one address for each master of a cluster.</summary>
internal static class MasterUrl
{
    private const string Scheme = "spark://";

    /// <summary>Reads the addresses of all masters.</summary>
    /// <exception cref="SparkException">The text is not a valid URL; the message gives the format.</exception>
    public static IReadOnlyList<RpcAddress> Parse(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.Ordinal)) throw new SparkException($"Invalid master URL: '{url}'. Write it as spark://host:port.");
        return [.. url[Scheme.Length..].Split(',').Select(RpcAddress.Parse)];
    }

    public static string Format(IEnumerable<RpcAddress> masters) => Scheme + string.Join(',', masters);
}
