using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Journals in ZooKeeper, as nodes below <c>DIRECTORY/journals</c>.</summary>
/// <param name="options">The servers, and how to be with them.</param>
/// <param name="directory">The node below which all is, made at first use.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where the operator looks.</param>
internal sealed class ZooKeeperJournalStore(ZooKeeperOptions options, string directory, TimeProvider time, ILogger log) : IJournalStore
{
    private readonly string _parent = ZooKeeperPath.Under(ZooKeeperPath.Check(directory), "journals");
    private readonly ZooKeeperSessions _sessions = new(options, time, log);
    private readonly Lock _lock = new();
    private readonly List<ZooKeeperJournal> _opened = [];
    private bool _disposed;

    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        var nodes = Nodes(name);
        if (epoch is { } term) ArgumentOutOfRangeException.ThrowIfLessThan(term, 1, nameof(epoch));
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var opened = await new JournalOpening(nodes, RandomNumberGenerator.GetHexString(16, lowercase: true)).OpenAsync(epoch, cancellationToken).ConfigureAwait(false);
            return Add(new ZooKeeperJournal(nodes, opened));
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(name, e);
        }
    }

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

    public async ValueTask DisposeAsync()
    {
        ZooKeeperJournal[] opened;
        lock (_lock)
        {
            _disposed = true;
            opened = [.. _opened];
        }

        foreach (var journal in opened) await journal.DisposeAsync().ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    private JournalNodes Nodes(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new JournalNodes(_sessions, _parent, JournalNames.Check(name));
    }

    private ZooKeeperJournal Add(ZooKeeperJournal journal)
    {
        lock (_lock)
        {
            _opened.RemoveAll(other => other.IsClosed);
            _opened.Add(journal);
            if (!_disposed) return journal;
        }

        throw new ObjectDisposedException(nameof(IJournalStore));
    }
}
