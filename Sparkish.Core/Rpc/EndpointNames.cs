using Sparkish.Diagnostics;

namespace Sparkish.Rpc;

/// <summary>Rules for the names of endpoints.</summary>
internal static class EndpointNames
{
    /// <summary>The length of the longest.</summary>
    public const int MaxChars = 1024;

    /// <summary>Maximum length of a host name from a peer.</summary>
    public const int MaxHostChars = 256;

    /// <summary>Whether a name would start a new line in a log, or worse.</summary>
    public static bool HasControls(string name) => !LogText.IsPlain(name);
}
