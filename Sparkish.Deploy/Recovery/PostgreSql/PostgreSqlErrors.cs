using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Describes failures of PostgreSQL and its connections in one sentence, with advice. Messages of Npgsql and of servers contain no password.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>Whether the database or the connection caused an exception, and not a bug of ours.</summary>
    public static bool IsOfStore(Exception e) =>
        e is NpgsqlException or SocketException or IOException or TimeoutException or AuthenticationException or InvalidOperationException;

    /// <summary>Whether a later retry may succeed.</summary>
    public static bool MayPass(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation } => false,
        PostgresException p => p.SqlState[..2] is not ("28" or "3D" or "3F" or "42" or "0A" or "22" or "23" or "54"),
        NpgsqlException { InnerException: null } n => n.IsTransient || n.Message.Contains("host", StringComparison.OrdinalIgnoreCase),
        NpgsqlException { InnerException: AggregateException all } => all.InnerExceptions.All(MayPass),
        NpgsqlException n => MayPass(n.InnerException!),
        AuthenticationException => false,
        _ => true,
    };

    /// <summary>Whether the connection was closed by the server or lost: another one may work. A statement that took too long does not count.</summary>
    public static bool IsBrokenConnection(Exception e) => e switch
    {
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout
            || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: { } inner } => IsBrokenConnection(inner),
        SocketException or IOException => true,
        _ => false,
    };

    /// <param name="action">The failed action: <c>append to journal 'master'</c>.</param>
    /// <param name="database">The database.</param>
    /// <param name="e">The exception.</param>
    public static JournalException Translate(string action, PostgreSqlDatabase database, Exception e) => e as JournalException
        ?? new JournalException($"Cannot {action} in {database.Name}: {Reason(database, e)}", e);

    /// <summary>Returns the reason and advice.</summary>
    public static string Reason(PostgreSqlDatabase database, Exception e) => e switch
    {
        PostgresException p => Reason(database, p),
        NpgsqlException { InnerException: { } inner } => Reason(database, inner),
        TimeoutException =>
            "it did not answer in time; check whether the server is overloaded, or give the connection a longer 'Timeout' and 'Command Timeout'.",
        SocketException s => $"the connection failed ({s.Message}); check that the server runs, and 'Host' and 'Port' in spark.deploy.postgresql.url.",
        IOException or EndOfStreamException => $"the connection broke ({e.Message.TrimEnd('.')}); see the server's log.",
        AuthenticationException => $"TLS failed ({e.Message.TrimEnd('.')}); see 'SSL Mode' and 'Root Certificate' of spark.deploy.postgresql.url.",
        AggregateException all => string.Join(" ", all.InnerExceptions.Select(one => Reason(database, one))),
        _ => e.Message,
    };

    private static string Reason(PostgreSqlDatabase database, PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"the server refuses user '{database.User}' ({e.MessageText}); check 'Username' and 'Password' in spark.deploy.postgresql.url, and pg_hba.conf.",
        PostgresErrorCodes.InvalidCatalogName => $"{e.MessageText}; create it (CREATE DATABASE), or correct 'Database' in spark.deploy.postgresql.url.",
        PostgresErrorCodes.InsufficientPrivilege => $"user '{database.User}' lacks a privilege ({e.MessageText}); grant CREATE on the database, or let its owner"
            + $" create schema {database.Schema} and grant it to the user.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            "it is read-only, as a standby is; connect to the primary, or list all hosts in 'Host' with 'Target Session Attributes=primary'.",
        PostgresErrorCodes.DiskFull => "the disk of the server is full; free space there, then start this again.",
        PostgresErrorCodes.TooManyConnections => $"it has no connection left ({e.MessageText}); raise max_connections, or close others.",
        PostgresErrorCodes.UndefinedObject when e.MessageText.Contains("configuration parameter", StringComparison.Ordinal) =>
            $"the server is too old ({e.MessageText}); use PostgreSQL 14 or later.",
        PostgresErrorCodes.ProtocolViolation => $"{e.MessageText}; connect to PostgreSQL itself, not to a connection pooler such as PgBouncer.",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn =>
            $"{e.MessageText}; the tables of schema {database.Schema} were changed by hand: restore them.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            $"the server ended the session, or is stopping or starting ({e.MessageText}); try again when it is up.",
        _ => $"{e.MessageText.TrimEnd('.')} (SQLSTATE {e.SqlState}); see the server's log.",
    };
}
