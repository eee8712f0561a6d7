namespace Sparkish.Persistence;

/// <summary>A store of named journals. All members may be called from any thread. Disposing it closes the open journals.</summary>
public interface IJournalStore : IAsyncDisposable
{
    /// <summary>Opens a journal for writing, creates it if it does not exist, and takes it over from a writer of an earlier epoch.</summary>
    /// <param name="name">Up to 100 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, with no dot at the start.</param>
    /// <param name="epoch">
    /// The epoch of an election's term, 1 or more; null for the next one, if no other process can be writing or the opening must fence it.
    /// </param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <remarks>
    /// Only one store object may open a journal under one epoch. It may reopen the journal after the open one was disposed: so an endpoint is restarted within
    /// a term.
    /// </remarks>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch, or under this one by another store, or it is still open.</exception>
    /// <exception cref="JournalException">
    /// The store cannot be reached or written, another process has locked the journal, or its content is corrupt.
    /// </exception>
    /// <exception cref="ArgumentException">The name is not valid, or the epoch is not positive.</exception>
    ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default);

    /// <summary>Opens a journal for reading; changes nothing and does not disturb its writer.</summary>
    /// <exception cref="JournalException">There is no journal of this name, or the store cannot be read.</exception>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>The names of all journals, in ordinal order.</summary>
    /// <exception cref="JournalException">The store cannot be read.</exception>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default);
}
