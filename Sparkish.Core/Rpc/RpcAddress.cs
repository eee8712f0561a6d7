using System.Globalization;

namespace Sparkish.Rpc;

/// <summary>
/// The address on which an env listens: a host name or IP address, and a port. IPv6 literals are stored without brackets and formatted with them.
/// </summary>
public readonly record struct RpcAddress(string Host, int Port)
{
    private const string Scheme = "spark://";

    /// <summary>Reads <c>spark://host:port</c> or <c>host:port</c>.</summary>
    /// <exception cref="SparkException">The text is not a valid URL.</exception>
    public static RpcAddress Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return TryParse(url, out var address) ? address : throw new SparkException($"Invalid Spark URL: '{url}'. Write it as spark://host:port.");
    }

    /// <summary>Reads <c>spark://host:port</c> or <c>host:port</c>; false if the text is neither.</summary>
    internal static bool TryParse(string url, out RpcAddress address)
    {
        address = default;
        var text = url.StartsWith(Scheme, StringComparison.Ordinal) ? url.AsSpan(Scheme.Length) : url.AsSpan();
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is <= 0 or > 65535)
            return false;
        var host = text[..colon];
        var isBracketed = host[0] == '[' && host[^1] == ']';
        if (!isBracketed && host.IndexOfAny(":/@?#") >= 0) return false;
        address = new RpcAddress((isBracketed ? host[1..^1] : host).ToString(), port);
        return true;
    }

    /// <summary>The address as <c>host:port</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>The address as <c>spark://host:port</c>.</summary>
    public string ToSparkUrl() => Scheme + ToString();
}
