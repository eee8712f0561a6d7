using Sparkish.Rpc;

namespace Sparkish.Persistence.Leaders;

/// <summary>
/// Reaches the endpoint of a <see cref="LeaderSingleton"/> on its current node. It asks the candidates which of them runs the endpoint, uses that one, and
/// looks again when it has stopped. Thread-safe.
/// </summary>
/// <param name="env">The env that asks.</param>
/// <param name="name">The endpoint's name.</param>
/// <param name="candidates">The nodes that may lead, such as those of a role in <see cref="Membership.MembershipSnapshot"/>; evaluated at each look-up.</param>
public sealed class LeaderRef(RpcEnv env, string name, Func<IEnumerable<RpcAddress>> candidates)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private volatile RpcEndpointRef? _known;

    /// <summary>Returns the ref to the endpoint on its current node; waits while there is no leader.</summary>
    /// <param name="timeout">Time limit; half a minute unless given.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="RpcTimeoutException">No candidate ran the endpoint in time.</exception>
    public async Task<RpcEndpointRef> ResolveAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var (start, limit) = (env.Time.GetTimestamp(), timeout ?? DefaultTimeout);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (_known is { } known) return known;
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } found) return _known = found;
            if (env.Time.GetElapsedTime(start) + pause > limit)
                throw new RpcTimeoutException($"No leader has offered the endpoint '{name}' for {limit.TotalSeconds:0.###} s: check that a candidate has been elected.");
            await Task.Delay(pause, env.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks the leader. If the message has certainly not been handled, since its receiver has stopped or could not be reached, the next leader is asked. If it
    /// may have been handled, the ask fails, like every ask.
    /// </summary>
    /// <param name="message">The question.</param>
    /// <param name="timeout">Total time limit; half a minute unless given.</param>
    /// <param name="cancellationToken">Cancels the ask.</param>
    /// <exception cref="RpcTimeoutException">No candidate ran the endpoint in time.</exception>
    /// <exception cref="SparkException">The leader failed to reply.</exception>
    public async Task<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var (start, limit) = (env.Time.GetTimestamp(), timeout ?? DefaultTimeout);
        while (true)
        {
            var left = limit - env.Time.GetElapsedTime(start);
            var leader = await ResolveAsync(left > FirstPause ? left : FirstPause, cancellationToken).ConfigureAwait(false);
            left = limit - env.Time.GetElapsedTime(start);
            try
            {
                return await leader.AskAsync<T>(message, left > FirstPause ? left : FirstPause, cancellationToken).ConfigureAwait(false);
            }
            catch (EndpointNotFoundException)
            {
                Forget(leader);
            }
            catch (RpcConnectionException error) when (error.IsRefused)
            {
                Forget(leader);
            }
            catch (SparkException)
            {
                Forget(leader); // the leader may have changed
                throw;
            }
        }
    }

    /// <summary>Sends a message to the leader, at most once, as soon as there is one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeout">Time limit for finding a leader; half a minute unless given.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="RpcTimeoutException">No candidate ran the endpoint in time.</exception>
    public async Task SendAsync(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var leader = await ResolveAsync(timeout, cancellationToken).ConfigureAwait(false);

        // A message to a stopped endpoint is lost silently, so the next sender looks it up again.
        if (await IsThereAsync(leader, cancellationToken).ConfigureAwait(false)) leader.Send(message);
        else
        {
            Forget(leader);
            (await ResolveAsync(timeout, cancellationToken).ConfigureAwait(false)).Send(message);
        }
    }

    private async Task<bool> IsThereAsync(RpcEndpointRef leader, CancellationToken cancellationToken)
    {
        var found = await LookAsync(leader.Address, cancellationToken).ConfigureAwait(false);
        return found is not null && found.Equals(leader);
    }

    private void Forget(RpcEndpointRef leader) => Interlocked.CompareExchange(ref _known, null, leader);

    private async Task<RpcEndpointRef?> FindAsync(CancellationToken cancellationToken)
    {
        var looks = candidates().Select(address => LookAsync(address, cancellationToken)).ToList();
        while (looks.Count > 0)
        {
            var first = await Task.WhenAny(looks).ConfigureAwait(false);
            looks.Remove(first);
            if (await first.ConfigureAwait(false) is { } found) return found;
        }

        return null;
    }

    private async Task<RpcEndpointRef?> LookAsync(RpcAddress address, CancellationToken cancellationToken)
    {
        try
        {
            // A suspended node must not delay the replies of the others.
            var look = env.SetupEndpointRefAsync(new RpcEndpointAddress(address, name), cancellationToken);
            return await look.WaitAsync(LongestLook, env.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or (SparkException and not RpcEnvStoppedException))
        {
            return null; // it does not exist, or cannot be reached now
        }
    }
}
