using Sparkish.Configuration;

namespace Sparkish.Rpc.Local;

/// <summary>How long an ask waits, and what controls it; told when it expires.</summary>
internal readonly record struct AskTimeout(TimeSpan Duration, string? Key)
{
    /// <summary>A timeout that an asker gave.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, and not infinite.</exception>
    public static AskTimeout Given(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return new AskTimeout(timeout, null);
    }

    public RpcTimeoutException Expired(RpcEndpointAddress receiver) => RpcTimeoutException.NoReply(receiver, Duration, Key);

    /// <summary>A duration as the keys write it.</summary>
    public static string Format(TimeSpan duration) => ConfigEntry.FormatDuration(duration);
}
