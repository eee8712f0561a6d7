namespace Sparkish.Persistence;

/// <summary>Elects one of many candidates as the leader, and another one when its term ends. All members may be called from any thread.</summary>
public interface ILeaderElection : IAsyncDisposable
{
    /// <summary>
    /// Becomes a candidate and waits, without a time limit, until this process leads. Outages of the store's servers, including restarts, are waited out.
    /// </summary>
    /// <param name="candidate">The name of the candidate, for people, such as <c>host:port</c>.</param>
    /// <param name="cancellationToken">Withdraws.</param>
    /// <returns>The term of this leader; dispose it to resign.</returns>
    /// <exception cref="InvalidOperationException">This object is already a candidate or leader.</exception>
    /// <exception cref="JournalException">
    /// The store refuses permanently: wrong password, missing permission, unsupported version; the message gives advice.
    /// </exception>
    Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default);
}
