namespace Sparkish.Persistence;

/// <summary>
/// The election of a single candidate: it leads at once, until it resigns. For a master without standby; the lock of its journal keeps a second one out.
/// </summary>
public sealed class SingleLeaderElection : ILeaderElection
{
    private readonly Lock _lock = new();
    private Term? _term;

    /// <inheritdoc/>
    public Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_term is { IsCurrent: true }) throw new InvalidOperationException("This candidate already leads: dispose its term first.");
            _term = new Term();
            return Task.FromResult<ILeaderTerm>(_term);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_term is { } term) await term.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Term : ILeaderTerm
    {
        private readonly CancellationTokenSource _ended = new();

        public long? Epoch => null;

        public bool IsCurrent => !_ended.IsCancellationRequested;

        public CancellationToken Ended => _ended.Token;

        public async ValueTask DisposeAsync() => await _ended.CancelAsync().ConfigureAwait(false);
    }
}
