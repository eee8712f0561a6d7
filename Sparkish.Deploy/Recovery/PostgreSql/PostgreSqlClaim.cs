using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Takes a journal over: writes our epoch into its row, and a number that distinguishes this opening from all earlier ones, under this epoch or another. The
/// row is locked in the strongest mode meanwhile, so earlier writers either finish before or find our number.
/// </summary>
internal sealed class PostgreSqlClaim(PostgreSqlDatabase database, PostgreSqlPool pool, TimeProvider time, ILogger log)
{
    // An append takes milliseconds. A writer that froze between two packets of one could hold the row for as long as its machine answers.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <param name="connection">An open connection.</param>
    /// <param name="name">The name of the journal.</param>
    /// <param name="epoch">The epoch; null for the next one.</param>
    /// <param name="again">Whether the epoch is ours, so that it may equal the last one.</param>
    /// <param name="cancellationToken">Cancels the claim.</param>
    public async ValueTask<ClaimedJournal> MakeAsync(NpgsqlConnection connection, string name, long? epoch, bool again, CancellationToken cancellationToken)
    {
        await InsertAsync(connection, name, cancellationToken).ConfigureAwait(false);
        await RefuseStaleAsync(connection, name, epoch, again, cancellationToken).ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = transaction.ConfigureAwait(false);
        var found = await LockAsync(connection, name, cancellationToken).ConfigureAwait(false);
        RefuseStale(name, epoch, again, found.Epoch);

        var claimed = found with { Epoch = epoch ?? found.Epoch + 1, Claim = found.Claim + 1 };
        using var update = connection.Command(
            $"UPDATE {database.Schema}.journals SET epoch = $2, claim = $3 WHERE id = $1", claimed.Id, claimed.Epoch, claimed.Claim);
        await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return claimed;
    }

    private async ValueTask InsertAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        using var insert = connection.Command($"""
            INSERT INTO {database.Schema}.journals (name, epoch, claim, last_sequence)
            SELECT $1, 0, 0, 0 WHERE NOT EXISTS (SELECT FROM {database.Schema}.journals WHERE name = $1)
            ON CONFLICT DO NOTHING
            """, name);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    // Before the lock, since waiting for it may end sessions of the present writer, which a stale claim must not do.
    private async ValueTask RefuseStaleAsync(NpgsqlConnection connection, string name, long? epoch, bool again, CancellationToken cancellationToken)
    {
        using var read = connection.Command($"SELECT epoch FROM {database.Schema}.journals WHERE name = $1", name);
        if (await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is long current) RefuseStale(name, epoch, again, current);
    }

    private static void RefuseStale(string name, long? epoch, bool again, long current)
    {
        if (epoch < current || (epoch == current && !again)) throw new StaleEpochException(name, epoch.Value, current);
    }

    private async ValueTask<ClaimedJournal> LockAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        var locking = ReadLockedAsync(connection, name, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        while (await Task.WhenAny(locking, Task.Delay(Patience, time, stop.Token)).ConfigureAwait(false) != locking
            && !cancellationToken.IsCancellationRequested)
            await EndBlockersAsync(connection.ProcessID, name, cancellationToken).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        return await locking.ConfigureAwait(false);
    }

    private async Task<ClaimedJournal> ReadLockedAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        using var command = connection.Command($"""
            SELECT j.id, j.epoch, j.claim, j.last_sequence, (SELECT s.sequence FROM {database.Schema}.snapshots s WHERE s.journal = j.id)
            FROM {database.Schema}.journals j WHERE j.name = $1 FOR UPDATE OF j
            """, name);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = row.ConfigureAwait(false);
        if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new JournalException($"Cannot open journal '{name}' in {database.Name}: it is being removed by hand; try again.");

        var snapshot = await row.IsDBNullAsync(4, cancellationToken).ConfigureAwait(false) ? (long?)null : row.GetInt64(4);
        return new ClaimedJournal(row.GetInt64(0), name, row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), snapshot);
    }

    private async ValueTask EndBlockersAsync(int waiting, string name, CancellationToken cancellationToken)
    {
        var connection = await pool.SpareAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = connection.ConfigureAwait(false);
        using var command = connection.Command("SELECT pid FROM unnest(pg_blocking_pids($1)) AS pid WHERE pg_terminate_backend(pid)", waiting);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closingRows = rows.ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false)) log.WriterEnded(name, rows.GetInt32(0));
    }
}

/// <summary>A journal as it was when it was claimed.</summary>
/// <param name="Id">Its number in the tables.</param>
/// <param name="Name">Its name.</param>
/// <param name="Epoch">The epoch under which it is ours.</param>
/// <param name="Claim">Number of openings; writes to the journal carry it to identify their opening.</param>
/// <param name="LastSequence">Its last event.</param>
/// <param name="Snapshot">The last event in its snapshot; null if it has no snapshot.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClaimedJournal(long Id, string Name, long Epoch, long Claim, long LastSequence, long? Snapshot);
