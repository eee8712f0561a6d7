using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A client for work that does not depend on one session: an expired session is replaced by the next one. Thread-safe.</summary>
internal sealed class ZooKeeperSessions(ZooKeeperOptions options, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Task> _closing = [];
    private ZooKeeperClient? _current;
    private bool _disposed;

    public ZooKeeperOptions Options => options;

    /// <summary>Runs an idempotent action, and retries after connection losses, until a session timeout has passed since its first attempt.</summary>
    /// <exception cref="JournalException">The servers could not be reached.</exception>
    /// <exception cref="ZooKeeperException">The servers refused, for another reason than a connection.</exception>
    /// <exception cref="ObjectDisposedException">This was disposed.</exception>
    public async Task<T> RetryAsync<T>(Func<ZooKeeperClient, Task<T>> work, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await work(Current()).ConfigureAwait(false);
            }
            catch (ZooKeeperException e) when (e.IsDisconnection || e.Error == ZooKeeperError.Closing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (time.GetElapsedTime(startedAt) > options.SessionTimeout)
                    throw new JournalException(
                        $"ZooKeeper cannot be reached: {e.Message} Check that a majority of the servers in spark.deploy.zookeeper.url run.", e);
            }
        }
    }

    public Task RetryAsync(Func<ZooKeeperClient, Task> work, CancellationToken cancellationToken) =>
        RetryAsync(async client =>
        {
            await work(client).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    /// <summary>The client of the current session, as far as is known.</summary>
    public ZooKeeperClient Current()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(IJournalStore));
            if (_current is { SessionOver.IsCompleted: true } over)
            {
                _closing.RemoveAll(task => task.IsCompleted);
                _closing.Add(over.DisposeAsync().AsTask());
                _current = null;
            }

            return _current ??= new ZooKeeperClient(options, time, log);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ZooKeeperClient? last;
        Task[] closing;
        lock (_lock)
        {
            _disposed = true;
            last = _current;
            closing = [.. _closing];
        }

        if (last is not null) await last.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(closing).ConfigureAwait(false);
    }
}
