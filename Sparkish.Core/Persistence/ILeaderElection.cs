namespace Sparkish.Persistence;

/// <summary>Of many candidates makes one the leader, and another when that one is gone. All members may be called from any thread.</summary>
public interface ILeaderElection : IAsyncDisposable
{
    /// <summary>
    /// Stands as a candidate and waits, as long as it takes, until this process leads. What the store's servers do meanwhile, restarts included, is waited out.
    /// </summary>
    /// <param name="candidate">Who stands, for people: such as <c>host:port</c>.</param>
    /// <param name="cancellationToken">Withdraws.</param>
    /// <returns>The term of this leader; dispose it to resign.</returns>
    /// <exception cref="InvalidOperationException">This object stands already, or leads.</exception>
    /// <exception cref="JournalException">The store refuses, for good: wrong password, missing rights, wrong version; the message says what to do.</exception>
    Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default);
}
