using System.Globalization;

namespace Sparkish.Rpc.Local;

/// <summary>How long an ask waits, and what controls it; told when it expires.</summary>
internal readonly record struct AskTimeout(TimeSpan Duration, string? Key)
{
    public RpcTimeoutException Expired(RpcEndpointAddress receiver)
    {
        var control = Key is null ? "This timeout was given with the ask." : $"This timeout is controlled by {Key}";
        return new RpcTimeoutException($"Cannot receive any reply from {receiver} in {Format(Duration)}. {control}");
    }

    /// <summary>A duration as the keys write it.</summary>
    public static string Format(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");
}
