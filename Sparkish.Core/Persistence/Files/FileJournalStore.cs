using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Sparkish.Persistence.Files;

/// <summary>
/// Keeps journals as files, in one directory each below a common one, which is created if needed. Only one process at a time writes a journal (a second one is
/// refused with <see cref="JournalLockedException"/>); within the process, reopening a journal takes it over. Acknowledged events were flushed to disk.
/// </summary>
public sealed class FileJournalStore : IJournalStore
{
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly IJournalFiles _files;
    private readonly FileJournalOptions _options;
    private readonly ILogger _log;
    private bool _isDisposed;

    /// <summary>Creates a store; accesses no file before a journal is opened.</summary>
    /// <param name="directory">The parent of the journals' directories, on a disk that honours flushes.</param>
    /// <param name="options">Sizes; the defaults unless given.</param>
    /// <param name="loggerFactory">Logs truncations and failures for operators.</param>
    /// <exception cref="ArgumentException">The directory is empty, or an option is out of its range.</exception>
    public FileJournalStore(string directory, FileJournalOptions? options = null, ILoggerFactory? loggerFactory = null)
        : this(new DiskFiles(NotEmpty(directory)), options, (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<FileJournalStore>())
    {
    }

    internal FileJournalStore(IJournalFiles files, FileJournalOptions? options, ILogger log)
    {
        _files = files;
        _options = (options ?? new FileJournalOptions()).Check();
        _log = log;
    }

    /// <inheritdoc/>
    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        if (epoch is < 1)
            throw new ArgumentOutOfRangeException(nameof(epoch), epoch, "The epoch of a journal must be 1 or more; omit it to use the next one.");
        cancellationToken.ThrowIfCancellationRequested();
        var turn = new TaskCompletionSource(_files.Completions);
        Slot slot;
        Task before;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_slots.TryGetValue(name, out slot!)) _slots.Add(name, slot = new Slot());
            before = slot.LastTurn;
            slot.LastTurn = turn.Task;
        }

        try
        {
            await before.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return slot.Journal = await OpenAsync(new JournalDirectory(_files, name), epoch, slot.Journal).ConfigureAwait(false);
        }
        finally
        {
            turn.SetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        var directory = new JournalDirectory(_files, name);
        try
        {
            if (await _files.RunAsync(() => directory.Segments().Count > 0).ConfigureAwait(false)) return new FileJournalReader(directory);
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw JournalReading.Failed(directory, e);
        }

        throw new JournalException($"There is no journal '{name}' in '{_files.FullName("")}'. Check the name and the directory.");
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        try
        {
            return await _files.RunAsync(List).ConfigureAwait(false);
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw new JournalException(
                $"The journals in '{_files.FullName("")}' could not be listed: {e.Message.TrimEnd('.')}. Check that the directory exists and that this process may read it.", e);
        }
    }

    /// <summary>Closes the open journals after their pending appends.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Slot> slots;
        lock (_lock)
        {
            _isDisposed = true;
            slots = [.. _slots.Values];
        }

        foreach (var slot in slots)
        {
            await slot.LastTurn.ConfigureAwait(false);
            if (slot.Journal is { } journal) await journal.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static string NotEmpty(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        return directory;
    }

    private async Task<FileJournal> OpenAsync(JournalDirectory directory, long? epoch, FileJournal? previous)
    {
        var goesOn = epoch is not null && epoch == previous?.Epoch && previous.IsClosed; // a restart within a term
        if (epoch <= previous?.Epoch && !goesOn) throw new StaleEpochException(directory.Name, epoch.Value, previous.Epoch);
        var lease = previous is null ? null : await previous.FenceAsync(epoch ?? previous.Epoch + 1).ConfigureAwait(false);
        try
        {
            lease ??= await _files.RunAsync(() => Lock(directory)).ConfigureAwait(false);
            var opened = await _files.RunAsync(() => JournalOpening.Open(directory, epoch, goesOn, _options, _log)).ConfigureAwait(false);
            var journal = new FileJournal(directory, opened, lease, _options.Limits, _log);
            lease = null;
            _log.Opened(directory.Name, journal.Epoch, journal.LastSequence);
            return journal;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw directory.Failed("opened", e, "Give this process permission and space to write there, or set another directory.");
        }
        finally
        {
            lease?.Dispose();
        }
    }

    private static IDisposable Lock(JournalDirectory directory)
    {
        directory.Create();
        return directory.Files.Lock(directory.PathOf(JournalDirectory.LockFile));
    }

    private List<string> List() =>
        [.. _files.ListDirectories().Where(name => JournalNames.IsName(name) && new JournalDirectory(_files, name).Segments().Count > 0)
            .Order(StringComparer.Ordinal)];

    private void ThrowIfDisposed()
    {
        lock (_lock) ObjectDisposedException.ThrowIf(_isDisposed, this);
    }

    // Openings of one name run one at a time, in the order of the calls.
    private sealed class Slot
    {
        public Task LastTurn { get; set; } = Task.CompletedTask;

        public FileJournal? Journal { get; set; }
    }
}
