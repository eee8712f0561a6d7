using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The few connections that all journals of a store share. Writers and readers have separate slots, so that an enumeration of events, which occupies its
/// connection until it ends, never blocks an append. Waiting for a slot has no time limit; no caller takes a second slot of a kind while it has one.
/// </summary>
internal sealed class PostgreSqlPool : IAsyncDisposable
{
    /// <summary>A blocked claim ends the sessions that block it, over one of these.</summary>
    private const int Spare = 2;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _writing;
    private readonly SemaphoreSlim _reading;
    private readonly ServerWatch _servers;

    /// <param name="source">Creates connections, at least <see cref="SizeFor"/> at once.</param>
    /// <param name="turns">Maximum number of concurrent writers, and of concurrent readers.</param>
    /// <param name="log">Logs a change of the server.</param>
    public PostgreSqlPool(NpgsqlDataSource source, int turns, ILogger log)
    {
        (_source, _writing, _reading) = (source, new SemaphoreSlim(turns), new SemaphoreSlim(turns));
        _servers = new ServerWatch("Journals", log);
    }

    /// <summary>Returns the number of connections for a number of slots of each kind.</summary>
    public static int SizeFor(int turns) => (2 * turns) + Spare;

    /// <summary>A connection for a statement that writes.</summary>
    public ValueTask<PooledConnection> WriteAsync(CancellationToken cancellationToken) => TakeAsync(_writing, cancellationToken);

    /// <summary>Rents a connection for reading.</summary>
    public ValueTask<PooledConnection> ReadAsync(CancellationToken cancellationToken) => TakeAsync(_reading, cancellationToken);

    /// <summary>Rents a connection outside the slots, to end the sessions that block the waiting ones.</summary>
    public ValueTask<NpgsqlConnection> SpareAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Called when a connection broke: idle ones may be broken, too, and are not used again.</summary>
    public void Renew() => _source.Clear();

    /// <summary>Runs an idempotent action, and once more if its connection broke: an idle one may have been broken for long.</summary>
    public async ValueTask<T> TwiceAsync<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsBrokenConnection(e))
        {
            Renew();
        }

        return await work().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
        _reading.Dispose();
    }

    private async ValueTask<PooledConnection> TakeAsync(SemaphoreSlim turns, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            _servers.Note(connection);
            return new PooledConnection(connection, turns);
        }
        catch
        {
            turns.Release();
            throw;
        }
    }
}

/// <summary>A connection and its slot; both are returned once.</summary>
internal sealed class PooledConnection(NpgsqlConnection connection, SemaphoreSlim turns) : IAsyncDisposable
{
    private int _disposed;

    public NpgsqlConnection Connection => connection;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Release();
        }
    }

    // A store that is disposed during a read has no slots to return to.
    private void Release()
    {
        try
        {
            turns.Release();
        }
        catch (ObjectDisposedException)
        {
            // Nothing waits.
        }
    }
}
