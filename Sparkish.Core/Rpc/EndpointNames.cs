using Sparkish.Diagnostics;

namespace Sparkish.Rpc;

/// <summary>What the name of an endpoint may be.</summary>
internal static class EndpointNames
{
    /// <summary>The length of the longest.</summary>
    public const int MaxChars = 1024;

    /// <summary>The length of the longest host name that a peer may tell.</summary>
    public const int MaxHostChars = 256;

    /// <summary>Whether a name would start a new line in a log, or worse.</summary>
    public static bool HasControls(string name) => !LogText.IsPlain(name);
}
