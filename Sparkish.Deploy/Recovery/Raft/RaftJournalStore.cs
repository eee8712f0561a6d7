using DotNext.Net.Cluster.Consensus.Raft;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// Journals that the members of a Raft group keep together. Only the member that leads the group writes. It takes a journal over by an entry of the log, and
/// has applied all earlier entries by then, so it reads every event that any leader acknowledged.
/// </summary>
/// <param name="member">The member of this process.</param>
/// <param name="ownsMember">Whether disposing the store ends the member.</param>
/// <param name="limits">Limits of waiting appends.</param>
/// <param name="scope">A prefix of the journals' names in the group; journals of other scopes are not seen.</param>
internal sealed class RaftJournalStore(RaftMember member, bool ownsMember, AppendLimits limits, string scope = "") : IJournalStore
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly AppendLimits _limits = limits.Check();
    private readonly Lock _lock = new();

    // The journal that was opened last under each name, whether it is closed or not.
    private readonly Dictionary<string, RaftJournal> _opened = new(StringComparer.Ordinal);
    private readonly List<RaftJournal> _replaced = [];
    private bool _isDisposed;

    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        if (epoch is { } term) ArgumentOutOfRangeException.ThrowIfLessThan(term, 1, nameof(epoch));
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var (previous, known) = Before(name);
        var claim = new RaftCommand(RaftCommandKind.Claim, Guid.NewGuid())
        {
            Journal = scope + name,
            Writer = Guid.NewGuid(),
            Previous = previous,
            Number = epoch ?? 0,
        };
        var (node, outcome) = await ClaimAsync(name, claim, cancellationToken).ConfigureAwait(false);
        if (outcome.Stale is { } current) throw new StaleEpochException(name, epoch ?? 0, current);
        if (outcome.LastSequence < known)
        {
            throw new JournalCorruptException(
                $"Event {known} of journal '{name}' was acknowledged, but the Raft group's journal ends with event {outcome.LastSequence}: members lost their directories. Restore them from backups.");
        }

        member.Log.RaftJournalOpened(name, outcome.Epoch, outcome.LastSequence);
        return await AddAsync(new RaftJournal(node, name, scope + name, claim.Writer, outcome, _limits, member.Log)).ConfigureAwait(false);
    }

    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        var table = await UpToDateAsync($"journal '{name}'", cancellationToken).ConfigureAwait(false);
        return table.Contains(scope + name)
            ? new RaftJournalReader(table, name, scope + name)
            : throw new JournalException($"There is no journal '{name}' in the Raft group of {member.Name}: check the name and spark.deploy.raft.members.");
    }

    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var table = await UpToDateAsync("its journals", cancellationToken).ConfigureAwait(false);
        return [.. table.Names.Where(name => name.StartsWith(scope, StringComparison.Ordinal)).Select(name => name[scope.Length..])];
    }

    public async ValueTask DisposeAsync()
    {
        RaftJournal[] opened;
        lock (_lock)
        {
            _isDisposed = true;
            opened = [.. _opened.Values, .. _replaced];
        }

        foreach (var journal in opened) await journal.DisposeAsync().ConfigureAwait(false);
        if (ownsMember) await member.DisposeAsync().ConfigureAwait(false);
    }

    // The same claim may be committed twice if its first outcome is lost; the second one then changes nothing.
    private async Task<(RaftNode Node, RaftOutcome Outcome)> ClaimAsync(string name, RaftCommand claim, CancellationToken cancellationToken)
    {
        var began = member.Time.GetTimestamp();
        while (true)
        {
            var node = await member.NodeAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return (node, await node.CommitAsync(claim with { Request = Guid.NewGuid() }, cancellationToken).ConfigureAwait(false));
            }
            catch (JournalException e)
            {
                if (member.Time.GetElapsedTime(began) < member.Options.AppendTimeout)
                {
                    await Task.Delay(Pause, member.Time, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                var leader = node.Cluster.Leader is { IsRemote: true } other ? $"the member {other.EndPoint} leads" : "the group has no leader that a majority follows";
                throw new JournalException($"The journal '{name}' cannot be opened on {member.Name}: {e.Message}; {leader}. Open it on the leader, in its term.", e);
            }
        }
    }

    private async Task<JournalTable> UpToDateAsync(string what, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var node = await member.NodeAsync(cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(member.Options.AppendTimeout);
        while (true)
        {
            try
            {
                await node.CatchUpAsync(limit.Token).ConfigureAwait(false);
                return node.Table;
            }
            catch (QuorumUnreachableException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(Pause, member.Time, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new JournalException($"The member {member.Name} cannot read {what}: the Raft group has no leader that a majority follows ({e.Message}).", e);
            }
        }
    }

    private void ThrowIfDisposed()
    {
        lock (_lock) ObjectDisposedException.ThrowIf(_isDisposed, this);
    }

    // A term continues for an endpoint that restarts within it. The last event acknowledged here is known even after a takeover.
    private (Guid Writer, long LastSequence) Before(string name)
    {
        lock (_lock) return _opened.TryGetValue(name, out var before) ? (before.IsClosed ? before.Writer : Guid.Empty, before.LastSequence) : default;
    }

    private async Task<RaftJournal> AddAsync(RaftJournal journal)
    {
        lock (_lock)
        {
            _replaced.RemoveAll(static other => other.IsClosed);
            if (_opened.TryGetValue(journal.Name, out var before) && !before.IsClosed) _replaced.Add(before);
            _opened[journal.Name] = journal;
            if (!_isDisposed) return journal;
        }

        await journal.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(IJournalStore));
    }
}
