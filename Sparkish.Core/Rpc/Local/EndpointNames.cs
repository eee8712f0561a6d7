namespace Sparkish.Rpc.Local;

/// <summary>What the name of an endpoint may be.</summary>
internal static class EndpointNames
{
    /// <summary>The length of the longest.</summary>
    public const int MaxChars = 1024;

    /// <summary>Whether a name would start a new line in a log, or worse.</summary>
    public static bool HasControls(string name) => name.AsSpan().ContainsAnyInRange('\0', '\x1f') || name.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
}
