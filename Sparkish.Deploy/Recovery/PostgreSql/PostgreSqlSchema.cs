using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>The tables: created by the first node, and left alone if they are of a later version.</summary>
internal static class PostgreSqlSchema
{
    /// <summary>The version of the tables that this program reads and writes.</summary>
    public const int Version = 2;

    private const int OldestServer = 14;

    /// <summary>Creates the schema unless it exists.</summary>
    /// <exception cref="JournalException">The server is too old, or the tables are of a later version.</exception>
    public static async ValueTask EnsureAsync(NpgsqlConnection connection, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        if (await FindVersionAsync(connection, database, cancellationToken).ConfigureAwait(false) != Version)
            await CreateAsync(connection, database, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the schema exists.</summary>
    /// <inheritdoc cref="EnsureAsync"/>
    public static async ValueTask<bool> ExistsAsync(NpgsqlConnection connection, PostgreSqlDatabase database, CancellationToken cancellationToken) =>
        await FindVersionAsync(connection, database, cancellationToken).ConfigureAwait(false) is not null;

    private static async ValueTask<int?> FindVersionAsync(NpgsqlConnection connection, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new JournalException(
                $"Cannot use {database.Name}: its server is PostgreSQL {connection.PostgreSqlVersion}, which is too old; use {OldestServer} or later.");
        }

        // Not by to_regclass, whose result may be cached from before another session created the tables.
        using var find = connection.Command("""
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'schema_version')
            """, database.Schema.Trim('"'));
        if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true) return null;

        using var read = connection.Command($"SELECT version FROM {database.Schema}.schema_version");
        var version = await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return version is int known and >= 1 and <= Version
            ? known
            : throw new JournalException(
                $"Cannot use schema {database.Schema} in {database.Name}: its tables are of version {version}, and this program knows up to {Version};"
                + " use a later Sparkish, or another schema.");
    }

    private static async ValueTask CreateAsync(NpgsqlConnection connection, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var ending = transaction.ConfigureAwait(false);

        // Of concurrent callers one creates the tables, and the others find them: CREATE … IF NOT EXISTS alone fails in such a race.
        using var first = connection.Command("SELECT pg_advisory_xact_lock($1)", AdvisoryKey.Of("schema", database.Schema));
        await first.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var found = await FindVersionAsync(connection, database, cancellationToken).ConfigureAwait(false);
        if (found < Version)
        {
            using var update = connection.Command(FromVersion1(database.Schema));
            await update.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        else if (found is null)
        {
            // An administrator may have created the schema for us; IF NOT EXISTS would require the privilege to create it all the same.
            using var find = connection.Command("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", database.Schema.Trim('"'));
            var there = await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
            using var create = connection.Command((there ? "" : $"CREATE SCHEMA {database.Schema};") + Tables(database.Schema));
            await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    // A third of a page of journals stays free, so that new versions of the row that every append changes stay on its page and need no index update.
    private static string Tables(string schema) => $"""
        CREATE TABLE {schema}.journals (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text NOT NULL UNIQUE,
            epoch bigint NOT NULL,
            claim bigint NOT NULL,
            last_sequence bigint NOT NULL
        ) WITH (fillfactor = 70);
        COMMENT ON TABLE {schema}.journals IS 'Sparkish: the journals, each with the epoch under which it is written, how often it was opened, and its last event';

        CREATE TABLE {schema}.events (
            journal bigint NOT NULL,
            sequence bigint NOT NULL,
            epoch bigint NOT NULL,
            payload bytea NOT NULL,
            PRIMARY KEY (journal, sequence)
        );
        COMMENT ON TABLE {schema}.events IS 'Sparkish: the events of all journals, numbered from 1 in each';

        CREATE TABLE {schema}.snapshots (
            journal bigint PRIMARY KEY,
            sequence bigint NOT NULL,
            epoch bigint NOT NULL,
            payload bytea NOT NULL
        );
        COMMENT ON TABLE {schema}.snapshots IS 'Sparkish: what the events of a journal up to one of them have led to';

        CREATE TABLE {schema}.terms (
            name text PRIMARY KEY,
            epoch bigint NOT NULL,
            candidate text NOT NULL,
            since timestamptz NOT NULL,
            alive timestamptz,
            timeout float8
        );
        COMMENT ON TABLE {schema}.terms IS 'Sparkish: the latest leader of each election, and when it was heard of last; null once it resigned. It holds an advisory lock';

        CREATE TABLE {schema}.schema_version (version integer NOT NULL);
        INSERT INTO {schema}.schema_version VALUES ({Version});
        """;

    private static string FromVersion1(string schema) => $"""
        ALTER TABLE {schema}.terms ADD COLUMN alive timestamptz, ADD COLUMN timeout float8;
        UPDATE {schema}.schema_version SET version = {Version};
        """;
}
