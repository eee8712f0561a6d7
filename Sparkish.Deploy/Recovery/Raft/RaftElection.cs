using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The election of a Raft group: the group's leader, once an entry that begins its term is committed. The number of that entry among its kind is the epoch, so
/// epochs grow whatever the clocks say. A member stands for election only during a campaign or term; otherwise it only stores and votes.
/// </summary>
internal sealed class RaftElection(RaftMember member) : ILeaderElection
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _lock = new();
    private Task<ILeaderTerm>? _campaign;
    private bool _isDisposed;

    public Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_campaign is { IsCompleted: false })
                throw new InvalidOperationException("This candidate already takes part in the election: await that campaign, or withdraw.");
            if (_campaign is { IsCompletedSuccessfully: true, Result.IsCurrent: true })
                throw new InvalidOperationException("This candidate already leads: dispose its term first.");
            return _campaign = CampaignAsync(_campaign, candidate, cancellationToken);
        }
    }

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
        member.Log.RaftCandidate(candidate);
        while (true)
        {
            var node = await StartedAsync(withdrawn.Token, cancellationToken).ConfigureAwait(false);
            try
            {
                if (await StandAsync(node, candidate, withdrawn.Token).ConfigureAwait(false) is { } term) return term;
            }
            catch (OperationCanceledException) when (withdrawn.IsCancellationRequested)
            {
                await RaftTerm.StepDownAsync(node).ConfigureAwait(false);
                throw Withdrawn(cancellationToken);
            }
            catch (Exception e)
            {
                // The group has no leader yet, this member's lead ended at once, or the member failed and starts again.
                member.Log.RaftCampaignRetries(candidate, e.Message);
            }

            await Task.Delay(Pause, member.Time, withdrawn.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!withdrawn.IsCancellationRequested) continue;
            await RaftTerm.StepDownAsync(node).ConfigureAwait(false);
            throw Withdrawn(cancellationToken);
        }
    }

    private async Task<RaftNode> StartedAsync(CancellationToken withdrawn, CancellationToken cancellationToken)
    {
        try
        {
            return await member.NodeAsync(withdrawn).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (withdrawn.IsCancellationRequested)
        {
            throw Withdrawn(cancellationToken);
        }
    }

    private async Task<RaftTerm?> StandAsync(RaftNode node, string candidate, CancellationToken withdrawn)
    {
        await node.Cluster.RevertToNormalModeAsync(withdrawn).ConfigureAwait(false);
        var leading = await WaitAsync(node, withdrawn).ConfigureAwait(false);
        if (leading is not { } leadership) return null;

        // Asked first, so that the lease covers the time at which the term's entry was committed.
        var lease = new RaftLease(member.Options, member.Time);
        if (!await lease.RenewAsync(node, withdrawn).ConfigureAwait(false)) return null;
        var lead = new RaftCommand(RaftCommandKind.Lead, Guid.NewGuid()) { Writer = Guid.NewGuid() };
        var outcome = await node.CommitAsync(lead, withdrawn).ConfigureAwait(false);
        if (lease.Left == TimeSpan.Zero || leadership.IsCancellationRequested) return null;
        member.Log.RaftLeads(candidate, outcome.Epoch);
        return new RaftTerm(node, lease, candidate, outcome.Epoch, member.Time, member.Log, leadership);
    }

    // The member may fail meanwhile and be replaced, so it is looked up again after a while.
    private async Task<CancellationToken?> WaitAsync(RaftNode node, CancellationToken withdrawn)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(withdrawn);
        limit.CancelAfter(member.Options.ElectionTimeout);
        try
        {
            return await node.Cluster.WaitForLeadershipAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!withdrawn.IsCancellationRequested)
        {
            return null;
        }
    }

    private Exception Withdrawn(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested
        ? new OperationCanceledException("The campaign was withdrawn.", cancellationToken)
        : new ObjectDisposedException(nameof(ILeaderElection), "The election was closed during a campaign.");
}
