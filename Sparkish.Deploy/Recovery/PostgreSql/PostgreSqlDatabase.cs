using System.Buffers;
using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>A database and a schema in it: creates connections whose settings do not depend on the administrator's defaults.</summary>
internal sealed class PostgreSqlDatabase
{
    private const string ConnectionKey = "spark.deploy.postgresql.url";
    private const string SchemaKey = "spark.deploy.postgresql.schema";
    private const int MaxSchemaLength = 63;
    private const int KeepAliveSeconds = 5;
    private const int ConnectSeconds = 5;
    private const int NpgsqlConnectSeconds = 15;
    private const int NpgsqlPoolSize = 100;
    private const int Turns = 6;

    // Default settings of all sessions may not suit us: a commit that is acknowledged before it is on disk, or a session that ends because it was idle.
    // Settings of a connection override those of roles, databases and files. Our queries read by primary key and in its order; without statistics of new tables
    // the planner might sort 100,000 events instead.
    private const string JournalOptions = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c statement_timeout=0 -c lock_timeout=0"
        + " -c idle_in_transaction_session_timeout=0 -c jit=off -c enable_seqscan=off -c enable_bitmapscan=off";

    private static readonly SearchValues<char> SchemaLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly bool _hasPoolSize;

    /// <exception cref="ArgumentException">The connection string or the schema is not valid.</exception>
    public PostgreSqlDatabase(string connectionString, string schema)
    {
        _connection = Parse(connectionString);
        _hasPoolSize = _connection.MaxPoolSize != NpgsqlPoolSize;
        Schema = CheckSchema(schema);
        Name = $"database '{_connection.Database ?? _connection.Username}' at {_connection.Host}:{_connection.Port}";
        if (_connection.Host!.Contains(',') && _connection.TargetSessionAttributes is null) _connection.TargetSessionAttributes = "primary";
        _connection.HostRecheckSeconds = 0; // Otherwise a promoted standby counts as a standby for ten more seconds.
        if (_connection.Timeout == NpgsqlConnectSeconds) _connection.Timeout = ConnectSeconds; // A standby is waiting to serve.
        if (!_connection.TcpKeepAlive && _connection.TcpKeepAliveTime == 0)
            (_connection.TcpKeepAlive, _connection.TcpKeepAliveTime, _connection.TcpKeepAliveInterval) = (true, KeepAliveSeconds, KeepAliveSeconds);
    }

    /// <summary>The quoted schema, for use in statements.</summary>
    public string Schema { get; }

    /// <summary>The database and its server, for messages: without user and password.</summary>
    public string Name { get; }

    /// <summary>Time limit of a statement.</summary>
    public TimeSpan CommandTime => _connection.CommandTimeout > 0 ? TimeSpan.FromSeconds(_connection.CommandTimeout) : Timeout.InfiniteTimeSpan;

    public string? User => _connection.Username;

    /// <summary>
    /// The connections of a journal store: by default 14, of which 6 can write and 6 can read concurrently. <c>Maximum Pool Size</c> sets another number.
    /// </summary>
    public PostgreSqlPool CreatePool(ILogger log)
    {
        var connection = With("sparkish journal", JournalOptions + " -c idle_session_timeout=0");
        var turns = _hasPoolSize ? Math.Max(1, (connection.MaxPoolSize - PostgreSqlPool.SizeFor(0)) / 2) : Turns;
        connection.MaxPoolSize = PostgreSqlPool.SizeFor(turns);
        connection.MinPoolSize = Math.Min(connection.MinPoolSize, connection.MaxPoolSize);
        connection.NoResetOnClose = true; // None of our statements changes the state of a session.
        return new PostgreSqlPool(NpgsqlDataSource.Create(connection), turns, log);
    }

    /// <summary>Creates a separate connection, neither pooled nor open yet; the server ends its session after a time of silence.</summary>
    public NpgsqlConnection CreateSession(string application, TimeSpan silence)
    {
        var milliseconds = (long)silence.TotalMilliseconds;
        var seconds = Math.Max(1, (int)silence.TotalSeconds / 3);
        var connection = With(application, JournalOptions + string.Create(CultureInfo.InvariantCulture,
            $" -c idle_session_timeout={milliseconds} -c client_connection_check_interval={milliseconds / 3} -c tcp_user_timeout={milliseconds}"
            + $" -c tcp_keepalives_idle={seconds} -c tcp_keepalives_interval={seconds} -c tcp_keepalives_count=3"));
        connection.Pooling = false;
        connection.KeepAlive = 0; // It would keep the session of a process that is suspended.
        connection.CommandTimeout = 0; // Waiting for the lock has no time limit.
        connection.CancellationTimeout = -1; // A cancelled statement closes the connection at once.
        connection.TcpKeepAlive = true;
        (connection.TcpKeepAliveTime, connection.TcpKeepAliveInterval) = (seconds, seconds);
        connection.Timeout = Math.Clamp((int)Math.Ceiling(silence.TotalSeconds), 1, Math.Max(1, connection.Timeout));
        return new NpgsqlConnection(connection.ConnectionString);
    }

    private NpgsqlConnectionStringBuilder With(string application, string options)
    {
        var connection = new NpgsqlConnectionStringBuilder(_connection.ConnectionString) { Enlist = false, Multiplexing = false, PersistSecurityInfo = false };
        connection.Options = $"{connection.Options} {options}".Trim();
        connection.ApplicationName ??= application;
        return connection;
    }

    // The message includes neither the exceptions nor the text, which might contain a password with a ';'.
    /// <summary>Adds a password to a connection, unless it has one.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    public static string WithPassword(string connectionString, string password)
    {
        var connection = Parse(connectionString);
        if (string.IsNullOrEmpty(connection.Password)) connection.Password = password;
        return connection.ConnectionString;
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(connectionString);
            if (!string.IsNullOrWhiteSpace(connection.Host)) return connection;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException or DbException)
        {
            // Reported below, for all reasons alike.
        }

        throw new ArgumentException(
            $"{ConnectionKey} is not a connection string of PostgreSQL: write 'Host=…;Database=…;Username=…;Password=…', a value with ';' or quotes in it"
            + " between double quotes.", nameof(connectionString));
    }

    private static string CheckSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var usable = schema.Length is > 0 and <= MaxSchemaLength && !char.IsAsciiDigit(schema[0]) && !schema.AsSpan().ContainsAnyExcept(SchemaLetters)
            && !schema.StartsWith("pg_", StringComparison.Ordinal);
        return usable
            ? $"\"{schema}\""
            : throw new ArgumentException(
                $"{SchemaKey} is '{schema}': use up to {MaxSchemaLength} letters, digits and '_', with no digit and no 'pg_' at the start.", nameof(schema));
    }
}
