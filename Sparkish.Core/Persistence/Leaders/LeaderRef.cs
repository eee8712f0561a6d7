using Sparkish.Rpc;

namespace Sparkish.Persistence.Leaders;

/// <summary>
/// Reaches the endpoint of a <see cref="LeaderSingleton"/> wherever it is now. It asks the candidates which of them has the endpoint, keeps to that one, and
/// looks again when it is gone. For all threads.
/// </summary>
/// <param name="env">The env that asks.</param>
/// <param name="name">The endpoint's name.</param>
/// <param name="candidates">The nodes that may lead, such as those of a role in <see cref="Membership.MembershipSnapshot"/>; asked at each look.</param>
public sealed class LeaderRef(RpcEnv env, string name, Func<IEnumerable<RpcAddress>> candidates)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private volatile RpcEndpointRef? _known;

    /// <summary>The endpoint where it is now; waits while there is no leader.</summary>
    /// <param name="timeout">How long to wait; half a minute unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcTimeoutException">No candidate had the endpoint in time.</exception>
    public async Task<RpcEndpointRef> ResolveAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var (start, limit) = (env.Time.GetTimestamp(), timeout ?? DefaultTimeout);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (_known is { } known) return known;
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } found) return _known = found;
            if (env.Time.GetElapsedTime(start) + pause > limit)
                throw new RpcTimeoutException($"No candidate has had the endpoint '{name}' for {limit.TotalSeconds:0.###} s: look whether a node leads.");
            await Task.Delay(pause, env.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks the leader. Where the message has certainly not been handled, since its receiver was gone or could not be reached, the next leader is asked. Where
    /// it may have been handled the failure is the caller's, as with every ask.
    /// </summary>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long to wait in all; half a minute unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcTimeoutException">No candidate had the endpoint in time.</exception>
    /// <exception cref="SparkException">The leader failed to answer.</exception>
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
                Forget(leader); // it may be somebody else by now
                throw;
            }
        }
    }

    /// <summary>Sends to the leader, at most once, as soon as there is one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long to wait for a leader; half a minute unless given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RpcTimeoutException">No candidate had the endpoint in time.</exception>
    public async Task SendAsync(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var leader = await ResolveAsync(timeout, cancellationToken).ConfigureAwait(false);

        // A message to one that is gone is lost without a word, so the next sender looks again where it is not there any more.
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
            // A node that stands still must not hold up the others' answers.
            var look = env.SetupEndpointRefAsync(new RpcEndpointAddress(address, name), cancellationToken);
            return await look.WaitAsync(LongestLook, env.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or (SparkException and not RpcEnvStoppedException))
        {
            return null; // not there, or not to be reached now
        }
    }
}
