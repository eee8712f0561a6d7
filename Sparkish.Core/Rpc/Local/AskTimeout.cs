using Sparkish.Configuration;

namespace Sparkish.Rpc.Local;

/// <summary>The timeout of an ask and the key that controls it, which the timeout error names.</summary>
internal readonly record struct AskTimeout(TimeSpan Duration, string? Key)
{
    /// <summary>A timeout given by the caller.</summary>
    public static AskTimeout Given(TimeSpan timeout) => new(timeout, null);

    /// <summary>Whether the time was up before the ask began: zero, or the rest of an expired deadline.</summary>
    public bool IsOver => Duration <= TimeSpan.Zero && Duration != Timeout.InfiniteTimeSpan;

    public RpcTimeoutException Expired(RpcEndpointAddress receiver) => RpcTimeoutException.NoReply(receiver, Duration, Key);

    /// <summary>A duration as the keys write it.</summary>
    public static string Format(TimeSpan duration) => ConfigEntry.FormatDuration(duration);
}
