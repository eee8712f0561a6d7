using Akka.Actor;
using Microsoft.Extensions.Logging;
using Sparkish.Akka.Persistence.Configuration;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Akka.Persistence.Records;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence;

/// <summary>
/// Journals in Akka.Persistence, by any journal plugin whose store accepts each sequence number of a persistence id once. That is what rejects writers of an
/// earlier epoch; a plugin that accepts a number twice is refused when the first journal is opened.
/// </summary>
/// <remarks>
/// A record of a journal is one event of Akka's: a claim, a batch of events, or a mark of a snapshot. The content is Sparkish's, with checksums; Akka's other
/// serializers never see it. Snapshots are in the snapshot store, and count once a record names them.
/// </remarks>
public sealed class AkkaJournalStore : IJournalStore
{
    private readonly AkkaJournalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lazy<StorePlugins> _plugins;
    private readonly ActorSystem? _owned;
    private readonly Lock _lock = new();
    private readonly HashSet<AkkaJournal> _open = [];
    private readonly Dictionary<string, long> _closed = new(StringComparer.Ordinal); // the last records that were acknowledged here
    private readonly StoreWriters _writers = new();
    private volatile bool _isProven;
    private bool _disposed;

    /// <summary>Connects to nothing yet. The store ends before the actor system, and never ends it.</summary>
    /// <param name="system">An actor system with the settings of the plugins.</param>
    /// <param name="options">The plugins to use, and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs takeovers and failures.</param>
    /// <exception cref="SparkException">A setting of the system does not suit; the message says what to change.</exception>
    /// <exception cref="ArgumentException">The prefix, the timeout or a limit is not valid.</exception>
    public AkkaJournalStore(ActorSystem system, AkkaJournalOptions options, TimeProvider time, ILogger log)
        : this(system, options, time, log, ownsSystem: false)
    {
    }

    internal AkkaJournalStore(ActorSystem system, AkkaJournalOptions options, TimeProvider time, ILogger log, bool ownsSystem)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        JournalNames.Check(options.Prefix);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(options));
        options.Limits.Check();
        PluginSettings.Check(system, options.JournalPluginId, options.SnapshotPluginId);
        (_options, _time, _log, _owned) = (options, time, log, ownsSystem ? system : null);
        _plugins = new Lazy<StorePlugins>(
            () => PluginSettings.Start(system, options.JournalPluginId, options.SnapshotPluginId, options.Timeout), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        if (epoch is { } given) ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(epoch));
        var plugins = GetPlugins(cancellationToken);
        if (!_isProven) await UniqueNumbers.CheckAsync(plugins.Journal, $"{_options.Prefix}/unique", cancellationToken).ConfigureAwait(false);
        var log = new RecordLog(plugins.Journal, IdOf(name));
        var (isOpen, known) = FindEarlier(name, epoch);
        var claiming = new JournalClaim(log, CatalogOf(plugins), _writers, _time);
        var claim = await claiming.MakeAsync(name, epoch, isOpen, known, cancellationToken).ConfigureAwait(false);
        _isProven = true;
        var journal = new AkkaJournal(name, log, plugins.Snapshots, SnapshotsIdOf(name), claim, _options.Limits, _time, _log, OnClosed);
        lock (_lock)
        {
            if (!_disposed)
            {
                _open.Add(journal);
                _log.JournalOpened(name, claim.Epoch, claim.LastSequence);
                return journal;
            }
        }

        await journal.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(AkkaJournalStore));
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        var plugins = GetPlugins(cancellationToken);
        var log = new RecordLog(plugins.Journal, IdOf(name));
        if (await log.ReadHighestAsync(cancellationToken).ConfigureAwait(false) > 0)
            return new AkkaJournalReader(name, log, plugins.Snapshots, SnapshotsIdOf(name));
        throw new JournalException($"There is no journal '{name}' in {log.Place}: check the name, the prefix and the store.");
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var names = await CatalogOf(GetPlugins(cancellationToken)).ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AkkaJournal[] open;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            open = [.. _open];
        }

        foreach (var journal in open) await journal.DisposeAsync().ConfigureAwait(false);
        if (_owned is not null) await _owned.Terminate().ConfigureAwait(false);
    }

    private StorePlugins GetPlugins(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) ObjectDisposedException.ThrowIf(_disposed, this);
        return _plugins.Value;
    }

    private string IdOf(string name) => $"{_options.Prefix}/journal/{name}";

    private string SnapshotsIdOf(string name) => $"{_options.Prefix}/snapshots/{name}";

    private JournalCatalog CatalogOf(StorePlugins plugins) => new(new RecordLog(plugins.Journal, $"{_options.Prefix}/journals"), _time);

    private (bool IsOpen, long Known) FindEarlier(string name, long? epoch)
    {
        lock (_lock) return (_open.Any(journal => journal.Name == name && journal.Epoch == epoch), _closed.GetValueOrDefault(name));
    }

    private void OnClosed(AkkaJournal journal)
    {
        lock (_lock)
        {
            _open.Remove(journal);
            _closed[journal.Name] = Math.Max(journal.LastRecord, _closed.GetValueOrDefault(journal.Name));
        }
    }
}
