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
        var at = url.IndexOf('@', StringComparison.Ordinal);
        if (at <= Scheme.Length || !url.StartsWith(Scheme, StringComparison.Ordinal))
            throw new SparkException($"Invalid Spark URL: '{url}'. Write it as spark://endpoint@host:port.");
        return new RpcEndpointAddress(RpcAddress.Parse(url[(at + 1)..]), url[Scheme.Length..at]);
    }

    /// <summary>The name as <c>spark://name@host:port</c>.</summary>
    public override string ToString() => $"{Scheme}{Name}@{Address}";
}
