using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// Election by nodes below <c>DIRECTORY/leader_election</c>, one per candidate, which are deleted with its session. The candidate with the lowest number leads,
/// and each of the others watches only its predecessor.
/// </summary>
/// <param name="options">The servers and the client's options; the session timeout is the maximum silence of a leader.</param>
/// <param name="directory">The parent of all nodes, created on first use.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs elections.</param>
public sealed class ZooKeeperElection(ZooKeeperOptions options, string directory, TimeProvider time, ILogger log) : ILeaderElection
{
    private const int SequenceDigits = 10;

    private readonly string _parent = ZooKeeperPath.Under(ZooKeeperPath.Check(directory), "leader_election");
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private Task<ILeaderTerm>? _campaign;
    private bool _isDisposed;

    /// <inheritdoc/>
    public Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_campaign is { IsCompleted: false }) throw new InvalidOperationException("This candidate already takes part in the election: await that campaign, or withdraw.");
            if (_campaign is { IsCompletedSuccessfully: true, Result.IsCurrent: true })
                throw new InvalidOperationException("This candidate already leads: dispose its term first.");
            return _campaign = CampaignAsync(_campaign, candidate, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<ILeaderTerm>? campaign;
        lock (_lock)
        {
            campaign = _campaign;
            _isDisposed = true;
        }

        await _disposed.CancelAsync().ConfigureAwait(false);
        if (campaign is null) return;
        await ((Task)campaign).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (campaign.IsCompletedSuccessfully) await (await campaign.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private async Task<ILeaderTerm> CampaignAsync(Task<ILeaderTerm>? before, string candidate, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (before is { IsCompletedSuccessfully: true }) await (await before.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        while (true)
        {
            var client = new ZooKeeperClient(options, time, log);
            try
            {
                return await StandAsync(client, candidate, withdrawn.Token).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.Error is ZooKeeperError.SessionExpired or ZooKeeperError.NoNode)
            {
                // The session has expired, or the node was deleted: become a candidate again, behind the others.
                log.CandidacyLost(candidate, e.Message);
                await client.DisposeAsync().ConfigureAwait(false);
            }
            catch (ZooKeeperException e)
            {
                await client.DisposeAsync().ConfigureAwait(false);
                throw new JournalException($"The election in ZooKeeper failed: {e.Message}", e);
            }
            catch (OperationCanceledException) when (_disposed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                await client.DisposeAsync().ConfigureAwait(false);
                throw new ObjectDisposedException(nameof(ILeaderElection), "The election was closed during a campaign.");
            }
            catch
            {
                await client.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private async Task<ILeaderTerm> StandAsync(ZooKeeperClient client, string candidate, CancellationToken cancellationToken)
    {
        var data = Encoding.UTF8.GetBytes(candidate);
        await RetryAsync(client, () => EnsureAsync(client, cancellationToken), cancellationToken).ConfigureAwait(false);
        var (name, epoch, createdAt) = await CreateAsync(client, data, cancellationToken).ConfigureAwait(false);

        var lease = new SessionLease(client, ZooKeeperPath.Under(_parent, name), data, createdAt, time);
        try
        {
            await FirstAsync(client, lease, name, candidate, cancellationToken).ConfigureAwait(false);
            log.Leads(candidate, epoch);
            return new ZooKeeperTerm(client, lease, epoch, time, log);
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Creates the candidate's node. If the reply is lost, the random text in its name identifies it: two nodes of one candidate would wait for each other. The
    // epoch is the transaction that created the node. Numbers of nodes and of transactions grow together, and a node leads only after all lower ones are gone
    // for good: so each leader's epoch is larger than those of all earlier leaders.
    private async Task<(string Name, long Epoch, long CreatedAt)> CreateAsync(ZooKeeperClient client, byte[] data, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        var createdAt = time.GetTimestamp();
        return await RetryAsync(client, async () =>
        {
            await client.SyncAsync(_parent, cancellationToken).ConfigureAwait(false);
            foreach (var name in (await client.GetChildrenAsync(_parent, cancellationToken: cancellationToken).ConfigureAwait(false)).Names)
            {
                if (!name.StartsWith(id, StringComparison.Ordinal)) continue;
                if (await client.ExistsAsync(ZooKeeperPath.Under(_parent, name), cancellationToken: cancellationToken).ConfigureAwait(false) is { } made)
                    return (name, made.Czxid, createdAt);
            }

            createdAt = time.GetTimestamp();
            var (path, stat) = await client.CreateAsync($"{_parent}/{id}-n_", data, CreateMode.Ephemeral | CreateMode.Sequential, cancellationToken)
                .ConfigureAwait(false);
            return (path[(_parent.Length + 1)..], stat.Czxid, createdAt);
        }, cancellationToken).ConfigureAwait(false);
    }

    // Waits until no candidate precedes this one, and the session certainly lasts.
    private async Task FirstAsync(ZooKeeperClient client, SessionLease lease, string name, string candidate, CancellationToken cancellationToken)
    {
        string? told = null;
        while (true)
        {
            var (names, _) = await RetryAsync(client, () => client.GetChildrenAsync(_parent, cancellationToken: cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            var ahead = names.Where(other => SequenceOf(other) < SequenceOf(name)).MaxBy(SequenceOf);
            if (!names.Contains(name)) throw new ZooKeeperException(ZooKeeperError.NoNode, $"The candidate's node {_parent}/{name} is gone.");
            if (ahead is null)
            {
                await lease.CurrentAsync(cancellationToken).ConfigureAwait(false);
                if (!lease.Over.IsCompleted) return;
            }
            else
            {
                var watch = new ZooKeeperWatch();
                if (await RetryAsync(client, () => client.ExistsAsync(ZooKeeperPath.Under(_parent, ahead), watch, cancellationToken), cancellationToken)
                    .ConfigureAwait(false) is null) continue;
                if (ahead != told) log.Stands(candidate, name, told = ahead); // its data changes with each renewal of its lease
                await Task.WhenAny(watch.Fired, lease.Over).WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            if (lease.Over.IsCompleted) throw new ZooKeeperException(ZooKeeperError.SessionExpired, await lease.Over.ConfigureAwait(false));
        }
    }

    private async Task<bool> EnsureAsync(ZooKeeperClient client, CancellationToken cancellationToken)
    {
        await client.EnsureAsync(_parent, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // Without a time limit, within the session.
    private static async Task<T> RetryAsync<T>(ZooKeeperClient client, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await client.ConnectedAsync(cancellationToken).ConfigureAwait(false);
                return await work().ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.IsDisconnection && e.Error != ZooKeeperError.SessionExpired)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    // Foreign nodes come last, so that they block no candidate.
    private static long SequenceOf(string name) =>
        name.Length > SequenceDigits
            && long.TryParse(name.AsSpan(name.Length - SequenceDigits), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? sequence
                : long.MaxValue;
}
