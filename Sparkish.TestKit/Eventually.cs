using Sparkish.Rpc;

namespace Sparkish.TestKit;

/// <summary>Waits for conditions, on a clock that may be virtual.</summary>
public static class Eventually
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until a condition holds, on the clock of an env: in simulation this takes no real time.</summary>
    /// <param name="env">The env whose clock is used.</param>
    /// <param name="condition">Called repeatedly, on the caller's thread or one of the clock's.</param>
    /// <param name="expected">The meaning of the condition, for people.</param>
    /// <param name="within">Time limit; 30 seconds unless given.</param>
    /// <exception cref="TestKitException">The condition did not hold in time.</exception>
    public static Task AwaitConditionAsync(this RpcEnv env, Func<bool> condition, string expected, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        return AwaitConditionAsync(env.Time, condition, expected, within);
    }

    /// <summary>Waits until a condition holds, on a clock.</summary>
    /// <inheritdoc cref="AwaitConditionAsync(RpcEnv, Func{bool}, string, TimeSpan?)"/>
    public static async Task AwaitConditionAsync(TimeProvider time, Func<bool> condition, string expected, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(condition);
        var patience = within ?? Patience;
        for (var start = time.GetTimestamp(); !condition(); await Task.Delay(Beat, time).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(start) >= patience) throw new TestKitException($"Waited {patience} for this to hold: {expected}.");
        }
    }
}
