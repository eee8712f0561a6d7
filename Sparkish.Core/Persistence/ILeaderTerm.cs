namespace Sparkish.Persistence;

/// <summary>
/// The time for which a process leads. It ends, by the clock of this process, before the store can make another one the leader; a process that stood
/// still meanwhile sees so in <see cref="IsCurrent"/>, and what it wrote nevertheless its journal's store refuses. Disposing it resigns: another can lead at
/// once.
/// </summary>
public interface ILeaderTerm : IAsyncDisposable
{
    /// <summary>More than in every term before, of whichever process; null where there is no election, so that the journal counts.</summary>
    long? Epoch { get; }

    /// <summary>Whether this process leads, asked of the clock: false at once after a pause in which the term ended.</summary>
    bool IsCurrent { get; }

    /// <summary>Cancelled when the term ends, for whatever reason.</summary>
    CancellationToken Ended { get; }
}
