namespace Sparkish.Rpc;

/// <summary>The full name of an endpoint: its env's address and its name there, written <c>spark://name@host:port</c>.</summary>
public readonly record struct RpcEndpointAddress(RpcAddress Address, string Name)
{
    private const string Scheme = "spark://";

    /// <summary>Reads <c>spark://name@host:port</c>.</summary>
    /// <exception cref="SparkException">The text is not a valid URL.</exception>
    public static RpcEndpointAddress Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return TryParse(url, out var address) ? address : throw new SparkException($"Invalid Spark URL: '{url}'. Write it as spark://endpoint@host:port.");
    }

    /// <summary>Reads <c>spark://name@host:port</c>; false if the text is anything else.</summary>
    internal static bool TryParse(string url, out RpcEndpointAddress address)
    {
        address = default;
        var at = url.IndexOf('@', StringComparison.Ordinal);
        if (at <= Scheme.Length || !url.StartsWith(Scheme, StringComparison.Ordinal) || !RpcAddress.TryParse(url[(at + 1)..], out var env)) return false;
        address = new RpcEndpointAddress(env, url[Scheme.Length..at]);
        return true;
    }

    /// <summary>The name as <c>spark://name@host:port</c>.</summary>
    public override string ToString() => $"{Scheme}{Name}@{Address}";
}
