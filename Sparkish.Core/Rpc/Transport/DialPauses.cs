namespace Sparkish.Rpc.Transport;

/// <summary>
/// The pauses before dialling after failures: none at first, then doubling up to a limit. Jitter makes each pause half to all of that, so that many nodes do
/// not dial a returning node at once. Thread-safe.
/// </summary>
internal sealed class DialPauses(TimeProvider time, TimeSpan min, TimeSpan max, Random random)
{
    private const int MaxRemembered = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<RpcAddress, (int Failures, long Since)> _failed = [];

    /// <summary>Returns the pause before the next attempt.</summary>
    public TimeSpan Next(RpcAddress peer)
    {
        lock (_lock)
        {
            if (!_failed.TryGetValue(peer, out var failed)) return TimeSpan.Zero;
            var bound = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Min(failed.Failures - 1, 30)));
            var left = (bound * (0.5 + (random.NextDouble() / 2))) - time.GetElapsedTime(failed.Since).TotalMilliseconds;
            return TimeSpan.FromMilliseconds(Math.Max(0, left));
        }
    }

    /// <summary>Records a failed attempt.</summary>
    /// <returns>Number of failures since the last success.</returns>
    public int CountFailure(RpcAddress peer)
    {
        lock (_lock)
        {
            if (_failed.Count >= MaxRemembered && !_failed.ContainsKey(peer)) _failed.Clear();
            var failures = _failed.GetValueOrDefault(peer).Failures + 1;
            _failed[peer] = (failures, time.GetTimestamp());
            return failures;
        }
    }

    public void Forget(RpcAddress peer)
    {
        lock (_lock) _failed.Remove(peer);
    }
}
