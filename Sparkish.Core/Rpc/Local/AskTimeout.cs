using Sparkish.Configuration;

namespace Sparkish.Rpc.Local;

/// <summary>How long an ask waits, and what controls it; told when it expires.</summary>
internal readonly record struct AskTimeout(TimeSpan Duration, string? Key)
{
    public RpcTimeoutException Expired(RpcEndpointAddress receiver) => RpcTimeoutException.NoReply(receiver, Duration, Key);

    /// <summary>A duration as the keys write it.</summary>
    public static string Format(TimeSpan duration) => ConfigEntry.FormatDuration(duration);
}
