using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Faults;

/// <summary>Reads the journals of a Raft group whose processes have ended: hosts all of its members.</summary>
internal sealed class RaftReading : IJournalStore
{
    private readonly List<RaftSlot> _members;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task<ILeaderTerm>> _campaigns;

    public RaftReading(string connection)
    {
        _members = [.. Enumerable.Range(0, 3).Select(_ => new RaftSlot(connection))];
        _campaigns = [.. _members.Select(member => member.CampaignAsync("reader", _stop.Token))];
    }

    public ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("These journals are read only.");

    public ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default) =>
        _members[0].OpenReaderAsync(name, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => _members[0].ListAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var campaign in _campaigns) await ((Task)campaign).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var member in _members) await member.DisposeAsync();
    }
}
