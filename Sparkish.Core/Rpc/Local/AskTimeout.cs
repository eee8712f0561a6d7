using Sparkish.Configuration;

namespace Sparkish.Rpc.Local;

/// <summary>How long an ask waits, and what controls it; told when it expires.</summary>
internal readonly record struct AskTimeout(TimeSpan Duration, string? Key)
{
    /// <summary>A timeout that an asker gave.</summary>
    public static AskTimeout Given(TimeSpan timeout) => new(timeout, null);

    /// <summary>Whether the time was up before the ask began: zero, or the rest of a deadline that has passed.</summary>
    public bool IsOver => Duration <= TimeSpan.Zero && Duration != Timeout.InfiniteTimeSpan;

    public RpcTimeoutException Expired(RpcEndpointAddress receiver) => RpcTimeoutException.NoReply(receiver, Duration, Key);

    /// <summary>A duration as the keys write it.</summary>
    public static string Format(TimeSpan duration) => ConfigEntry.FormatDuration(duration);
}
