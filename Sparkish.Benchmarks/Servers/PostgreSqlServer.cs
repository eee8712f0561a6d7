using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Servers;

/// <summary>
/// A PostgreSQL server of one's own: a fresh cluster in a temporary directory, on a free port of loopback and a socket in that directory, where users prove
/// themselves by password. It ends with this process, however that ends, and leaves nothing behind.
/// </summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>The user that tests and benchmarks are: an ordinary one, who owns the databases that <see cref="CreateDatabaseAsync"/> makes.</summary>
    public const string User = "sparkish";

    public const string Password = "correct horse; battery staple";

    private const string Superuser = "postgres";
    private const int StartAttempts = 5;

    // A shell stands between: it ends the server when our end of the pipe closes, which a kill -9 of this process does, too.
    private const string Guard = """
        directory=$1; shift
        "$@" </dev/null & server=$!
        if read -r signal; then kill -"$signal" $server; wait $server; else kill -QUIT $server; wait $server; rm -rf "$directory"; fi
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly PostgreSqlServerSettings _settings;
    private readonly ConcurrentQueue<string> _log = new();
    private int _databases;
    private Process? _guard;

    private PostgreSqlServer(string directory, PostgreSqlServerSettings settings) => (_directory, _settings) = (directory, settings);

    /// <summary>Why no server can be started on this machine; null if one can.</summary>
    public static string? WhyMissing => PostgreSqlPrograms.WhyMissing;

    public int Port { get; private set; }

    public bool IsRunning => _guard is not null;

    /// <summary>What the server logged so far.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    /// <summary>The connection of the superuser, to a database of any name.</summary>
    public string AdminConnection(string database = "postgres") => Connection(database, Superuser);

    /// <summary>The connection of <see cref="User"/>.</summary>
    public string UserConnection(string database) => Connection(database, User);

    /// <exception cref="SparkException">PostgreSQL is not installed, or did not start; the message has what it said.</exception>
    public static async Task<PostgreSqlServer> StartAsync(PostgreSqlServerSettings? settings = null, CancellationToken cancellationToken = default)
    {
        if (WhyMissing is { } reason) throw new SparkException(reason);
        var server = new PostgreSqlServer(Directory.CreateTempSubdirectory("sparkish-pg-").FullName, settings ?? new PostgreSqlServerSettings());
        try
        {
            await server.InitializeAsync(cancellationToken);
            await server.FirstStartAsync(cancellationToken);
            await server.ExecuteAsync($"CREATE ROLE {User} LOGIN PASSWORD '{Password}'", cancellationToken: cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a standby that follows a server, and waits until commits of that server wait for it.</summary>
    public static async Task<PostgreSqlServer> StartStandbyAsync(PostgreSqlServer primary, CancellationToken cancellationToken = default)
    {
        var standby = new PostgreSqlServer(Directory.CreateTempSubdirectory("sparkish-pg-").FullName, primary._settings);
        try
        {
            await PostgreSqlPrograms.HandOverAsync(standby._directory, Limit, cancellationToken);
            var source = string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={primary.Port} user={Superuser} password='{Password}'");
            await PostgreSqlPrograms.RunAsync(
                PostgreSqlPrograms.PathOf("pg_basebackup"), ["-D", standby.Data, "-R", "-X", "stream", "-c", "fast", "-d", source], Limit, cancellationToken);
            await standby.FirstStartAsync(cancellationToken);
            await primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'", cancellationToken: cancellationToken);
            await primary.ExecuteAsync("SELECT pg_reload_conf()", cancellationToken: cancellationToken);
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a standby a server of its own.</summary>
    public Task PromoteAsync() => ExecuteAsync("SELECT pg_promote()");

    /// <summary>Makes a database that <see cref="User"/> owns and returns that user's connection to it.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"db{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync($"CREATE DATABASE {name} OWNER {User}", cancellationToken: cancellationToken);
        return UserConnection(name);
    }

    /// <summary>Runs a statement as the superuser.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres", CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(AdminConnection(database) + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Starts the server again after <see cref="StopAsync"/> or <see cref="KillAsync"/>, on the same port, with what it keeps.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (!await TryLaunchAsync(cancellationToken)) throw Failed("did not start again");
    }

    /// <summary>Stops the server as its operator would (fast mode): sessions are told and ended, everything is written.</summary>
    public Task StopAsync() => SignalAsync("INT");

    /// <summary>Ends all processes of the server at once, as a crash of its machine does, but for what the operating system has not written yet.</summary>
    public async Task KillAsync()
    {
        // Children must not have the time to notice: they would end their sessions in order.
        var children = PostgreSqlPrograms.ChildrenOf(ServerId());
        PostgreSqlPrograms.Kill(ServerId());
        foreach (var child in children) PostgreSqlPrograms.Kill(child);
        await SignalAsync("KILL");
    }

    /// <summary>Kills the process of one session, as the kernel does when memory runs out: the server ends all other sessions and recovers.</summary>
    public void KillBackend()
    {
        var sessions = PostgreSqlPrograms.ChildrenOf(ServerId()).Where(id => PostgreSqlPrograms.TitleOf(id).Contains("postgres: " + User, StringComparison.Ordinal));
        PostgreSqlPrograms.Kill(sessions.First());
    }

    /// <summary>Waits until the server answers, and starts it again where it has given up by itself, as it does on a full disk.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken = default)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Limit;)
        {
            try
            {
                await ExecuteAsync("SELECT 1", cancellationToken: cancellationToken);
                return;
            }
            catch (NpgsqlException)
            {
                if (_log.Last().Contains("database system is shut down", StringComparison.Ordinal))
                {
                    await SignalAsync("KILL");
                    await StartAgainAsync(cancellationToken);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }

        throw Failed("did not come back");
    }

    public async ValueTask DisposeAsync()
    {
        if (_guard is not null) await SignalAsync("QUIT");
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var passwordFile = Path.Combine(_directory, "password");
        await File.WriteAllTextAsync(passwordFile, Password, cancellationToken);
        await PostgreSqlPrograms.HandOverAsync(_directory, Limit, cancellationToken);
        await PostgreSqlPrograms.RunAsync(PostgreSqlPrograms.PathOf("initdb"),
            ["-D", Data, "-U", Superuser, "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale", "C", "--no-sync"],
                Limit, cancellationToken);
    }

    private async Task FirstStartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort();
            if (await TryLaunchAsync(cancellationToken)) return;
            if (attempt == StartAttempts) throw Failed("did not start");
        }
    }

    /// <summary>Starts the server and waits until it takes connections; false if it ended instead, as when somebody else was faster to take the port.</summary>
    private async Task<bool> TryLaunchAsync(CancellationToken cancellationToken)
    {
        var (fileName, arguments) = PostgreSqlPrograms.Unprivileged(
            "/bin/sh", ["-c", Guard, "guard", _directory, PostgreSqlPrograms.PathOf("postgres"), "-D", Data, .. Options()]);
        var guard = ChildProcess.Start("PostgreSQL", new ProcessStartInfo(fileName, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory,
        });
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        guard.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text) _log.Enqueue(text);
            if (line.Data is null || line.Data.Contains("database system is shut down", StringComparison.Ordinal)) ready.TrySetResult(false);
            else if (line.Data.Contains("ready to accept connections", StringComparison.Ordinal)
                || line.Data.Contains("ready to accept read-only connections", StringComparison.Ordinal)) ready.TrySetResult(true);
        };
        guard.BeginErrorReadLine();
        _guard = guard;
        if (await ready.Task.WaitAsync(Limit, cancellationToken)) return true;
        await SignalAsync("QUIT");
        return false;
    }

    private IEnumerable<string> Options()
    {
        string[] ours =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={Port}"), $"unix_socket_directories={_directory}",
            $"fsync={(_settings.Fsync ? "on" : "off")}", "shared_buffers=64MB", "max_connections=100",
                "logging_collector=off", "log_destination=stderr", "lc_messages=C",
        ];
        return [.. ours.Concat(_settings.Options).SelectMany(option => new[] { "-c", option })];
    }

    private async Task SignalAsync(string signal)
    {
        if (_guard is not { } guard) return;
        try
        {
            await guard.StandardInput.WriteLineAsync(signal);
            await guard.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The guard was killed, and the server with it or before; what remains is to wait for its end.
        }

        await guard.WaitForExitAsync().WaitAsync(Limit);
        guard.Dispose();
        _guard = null;
    }

    private int ServerId() => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private string Connection(string database, string user) =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Database = database, Username = user, Password = Password }.ConnectionString;

    private SparkException Failed(string what) => new($"PostgreSQL {what}. It said: {string.Join(" | ", _log.TakeLast(20))}");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
