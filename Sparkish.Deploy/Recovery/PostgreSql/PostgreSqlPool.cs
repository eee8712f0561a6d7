using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The few connections that all journals of a store share. What writes and what reads takes turns of its own, so that an enumeration of events, which keeps its
/// connection for as long as it goes on, never holds up an append. A turn is waited for without a limit; nobody takes a second turn of a kind while it has one.
/// </summary>
internal sealed class PostgreSqlPool : IAsyncDisposable
{
    /// <summary>A claim that is held up ends the sessions that hold it up, by one of these.</summary>
    private const int Spare = 2;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _writing;
    private readonly SemaphoreSlim _reading;
    private readonly ServerWatch _servers;

    /// <param name="source">Makes connections, at least <see cref="SizeFor"/> at once.</param>
    /// <param name="turns">How many connections may write, and how many may read, at once.</param>
    /// <param name="log">Where a change of the server is told.</param>
    public PostgreSqlPool(NpgsqlDataSource source, int turns, ILogger log)
    {
        (_source, _writing, _reading) = (source, new SemaphoreSlim(turns), new SemaphoreSlim(turns));
        _servers = new ServerWatch("Journals", log);
    }

    /// <summary>How many connections so many turns of each kind need.</summary>
    public static int SizeFor(int turns) => (2 * turns) + Spare;

    /// <summary>A connection for a statement that writes.</summary>
    public ValueTask<PooledConnection> WriteAsync(CancellationToken cancellationToken) => TakeAsync(_writing, cancellationToken);

    /// <summary>A connection for reading, for as long as that takes.</summary>
    public ValueTask<PooledConnection> ReadAsync(CancellationToken cancellationToken) => TakeAsync(_reading, cancellationToken);

    /// <summary>A connection beside those that wait, to end what they wait for.</summary>
    public ValueTask<NpgsqlConnection> SpareAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>A connection broke, so those that are idle may be broken, too: they are not used again.</summary>
    public void Renew() => _source.Clear();

    /// <summary>Does something that may be done again, once more where its connection broke: an idle one may have been broken for long.</summary>
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

/// <summary>A connection and the turn that it was taken for; both are given back once.</summary>
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

    // A store that is disposed while somebody still reads has no turns left to give.
    private void Release()
    {
        try
        {
            turns.Release();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits.
        }
    }
}
