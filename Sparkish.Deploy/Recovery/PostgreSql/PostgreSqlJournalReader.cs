using System.Runtime.CompilerServices;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Reads a journal by its number; each call uses a pooled connection.</summary>
internal sealed class PostgreSqlJournalReader(PostgreSqlDatabase database, PostgreSqlPool pool, long id, string name) : IJournalReader
{
    public string Name => name;

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default) =>
        TranslatingAsync(pool.TwiceAsync(() => ReadSnapshotRowAsync(cancellationToken)));

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterSequence);
        return ReadRowsAsync(afterSequence, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Payloads too large to be ours are not sent by the server.</summary>
    internal static string BoundedPayload { get; } = $"CASE WHEN octet_length(payload) <= {IJournal.MaxBatchBytes} THEN payload END";

    internal static ReadOnlyMemory<byte> Payload(NpgsqlDataReader row, int ordinal, string what) => row.IsDBNull(ordinal)
        ? throw new JournalCorruptException($"{what} has more than {IJournal.MaxBatchBytes} bytes, so Sparkish did not write it; restore the database.")
        : row.GetFieldValue<byte[]>(ordinal);

    private async ValueTask<JournalSnapshot?> ReadSnapshotRowAsync(CancellationToken cancellationToken)
    {
        var pooled = await pool.ReadAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = pooled.ConfigureAwait(false);
        var connection = pooled.Connection;
        using var command = connection.Command($"SELECT sequence, {BoundedPayload} FROM {database.Schema}.snapshots WHERE journal = $1", id);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closingRow = row.ConfigureAwait(false);
        if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false)) return null;
        return new JournalSnapshot(row.GetInt64(0), Payload(row, 1, $"The snapshot of journal '{name}'"));
    }

    private async IAsyncEnumerable<JournalEntry> ReadRowsAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var where = $"journal '{name}' in {database.Name}";
        var opening = pool.TwiceAsync(() => PostgreSqlEventRows.OpenAsync(pool, database.Schema, id, where, afterSequence, cancellationToken));
        var rows = await TranslatingAsync(opening).ConfigureAwait(false);
        await using var closing = rows.ConfigureAwait(false);
        while (await TranslatingAsync(rows.NextAsync(cancellationToken)).ConfigureAwait(false) is { } entry) yield return entry;
    }

    private async ValueTask<T> TranslatingAsync<T>(ValueTask<T> reading)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate($"read journal '{name}'", database, e);
        }
    }
}
