namespace Sparkish.Persistence;

/// <summary>
/// The time for which a process leads. By the clock of this process, it ends before the store can elect another leader. A process that was suspended meanwhile
/// sees this in <see cref="IsCurrent"/>, and its journal's store rejects its writes. Disposing the term resigns: another candidate can lead at once.
/// </summary>
public interface ILeaderTerm : IAsyncDisposable
{
    /// <summary>Larger than in every earlier term of any process; null without an election, so that the journal counts.</summary>
    long? Epoch { get; }

    /// <summary>Whether this process leads, according to the clock: false at once after a pause in which the term ended.</summary>
    bool IsCurrent { get; }

    /// <summary>Cancelled when the term ends, for any reason.</summary>
    CancellationToken Ended { get; }
}
