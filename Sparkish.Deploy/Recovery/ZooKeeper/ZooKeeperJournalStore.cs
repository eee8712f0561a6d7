using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Journals in ZooKeeper, as nodes below <c>DIRECTORY/journals</c>.</summary>
/// <param name="options">The servers and the client's options.</param>
/// <param name="directory">The parent of all nodes, created on first use.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs failures.</param>
/// <param name="limits">Limits of the appends that wait for the servers in one journal; the defaults unless given.</param>
public sealed class ZooKeeperJournalStore(ZooKeeperOptions options, string directory, TimeProvider time, ILogger log, AppendLimits? limits = null)
    : IJournalStore
{
    private readonly AppendLimits _limits = (limits ?? AppendLimits.Default).Check();
    private readonly string _parent = ZooKeeperPath.Under(ZooKeeperPath.Check(directory), "journals");
    private readonly ZooKeeperSessions _sessions = new(options, time, log);
    private readonly Lock _lock = new();

    // The journal that was opened last under each name, whether it is closed or not.
    private readonly Dictionary<string, ZooKeeperJournal> _opened = new(StringComparer.Ordinal);
    private readonly List<ZooKeeperJournal> _replaced = [];
    private bool _disposed;

    /// <inheritdoc/>
    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        var nodes = Nodes(name);
        if (epoch is { } term) ArgumentOutOfRangeException.ThrowIfLessThan(term, 1, nameof(epoch));
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var (writer, known) = Before(name);
            var opened = await new JournalOpening(nodes, RandomNumberGenerator.GetHexString(16, lowercase: true), writer, known)
                .OpenAsync(epoch, cancellationToken).ConfigureAwait(false);
            return await AddAsync(new ZooKeeperJournal(nodes, opened, _limits, log)).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        var nodes = Nodes(name);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await nodes.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
            return new ZooKeeperJournalReader(nodes);
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
        {
            throw new JournalException($"There is no journal '{name}' in ZooKeeper below {_parent}: check the name and spark.deploy.zookeeper.dir.", e);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var names = await _sessions.RetryAsync(async client =>
            {
                var sync = client.SyncAsync(_parent, cancellationToken);
                var (children, _) = await client.GetChildrenAsync(_parent, cancellationToken: cancellationToken).ConfigureAwait(false);
                await sync.ConfigureAwait(false);
                return children;
            }, cancellationToken).ConfigureAwait(false);
            return [.. names.Where(JournalNames.IsName).Order(StringComparer.Ordinal)];
        }
        catch (ZooKeeperException e) when (e.Error == ZooKeeperError.NoNode)
        {
            return [];
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From("*", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ZooKeeperJournal[] opened;
        lock (_lock)
        {
            _disposed = true;
            opened = [.. _opened.Values, .. _replaced];
        }

        foreach (var journal in opened) await journal.DisposeAsync().ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    private JournalNodes Nodes(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new JournalNodes(_sessions, _parent, JournalNames.Check(name));
    }

    // A term continues for an endpoint that restarts within it. The last event acknowledged here is known even after a takeover.
    private (string? Writer, long LastSequence) Before(string name)
    {
        lock (_lock) return _opened.TryGetValue(name, out var before) ? (before.IsClosed ? before.Writer : null, before.LastSequence) : default;
    }

    private async Task<ZooKeeperJournal> AddAsync(ZooKeeperJournal journal)
    {
        lock (_lock)
        {
            _replaced.RemoveAll(other => other.IsClosed);
            if (_opened.TryGetValue(journal.Name, out var before) && !before.IsClosed) _replaced.Add(before);
            _opened[journal.Name] = journal;
            if (!_disposed) return journal;
        }

        await journal.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(IJournalStore));
    }
}
