namespace Sparkish.Persistence;

/// <summary>A place that keeps journals, each under a name. All members may be called from any thread. Disposing it closes what was opened.</summary>
public interface IJournalStore : IAsyncDisposable
{
    /// <summary>
    /// Opens a journal for writing, creates it if it does not exist, and takes it over from a writer of an earlier epoch.
    /// </summary>
    /// <param name="name">Up to 100 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, the first no dot.</param>
    /// <param name="epoch">The term of an election, 1 or more; null for one more than the last, where nobody else can be writing or is to stop doing
    /// so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>
    /// Under one epoch a journal is opened by one store object only, and by that again after what it opened was disposed: so an endpoint is restarted within a
    /// term.
    /// </remarks>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch, or under this one by another store or where it is still
    /// open.</exception>
    /// <exception cref="JournalException">The store cannot be reached or written, another process has the journal locked, or what is there is
    /// corrupt.</exception>
    /// <exception cref="ArgumentException">The name is not valid, or the epoch is not positive.</exception>
    ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default);

    /// <summary>Opens a journal to look at it; changes nothing and disturbs nobody who writes it.</summary>
    /// <exception cref="JournalException">There is no journal of this name, or the store cannot be read.</exception>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>The names of all journals, in ordinal order.</summary>
    /// <exception cref="JournalException">The store cannot be read.</exception>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);
}
