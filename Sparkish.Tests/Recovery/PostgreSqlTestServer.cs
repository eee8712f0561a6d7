using Sparkish.Benchmarks.Servers;

namespace Sparkish.Tests.Recovery;

/// <summary>The PostgreSQL server that all tests share which do not stop it: started by the first one, ended after the last.</summary>
internal static class PostgreSqlTestServer
{
    // Nothing that a test does needs the disk of this machine to survive a loss of power.
    private static readonly PostgreSqlServerSettings Settings = new(Fsync: false);

    private static readonly Lock Gate = new();
    private static Task<PostgreSqlServer>? _shared;
    private static Task<string>? _sharedDatabase;

    /// <summary>The shared server; the test is skipped where PostgreSQL is not installed.</summary>
    public static Task<PostgreSqlServer> GetAsync()
    {
        IgnoreWhereMissing();
        lock (Gate) return _shared ??= PostgreSqlServer.StartAsync(Settings);
    }

    /// <summary>The connection to a new database on the shared server.</summary>
    public static async Task<string> NewDatabaseAsync() => await (await GetAsync()).CreateDatabaseAsync();

    /// <summary>The connection to a database that many tests share, each with a schema of its own.</summary>
    public static Task<string> SharedDatabaseAsync()
    {
        IgnoreWhereMissing();
        lock (Gate) return _sharedDatabase ??= NewDatabaseAsync();
    }

    /// <summary>A server of the test's own, which it may stop and kill.</summary>
    public static Task<PostgreSqlServer> StartOwnAsync()
    {
        IgnoreWhereMissing();
        return PostgreSqlServer.StartAsync(Settings);
    }

    /// <summary>Ends the shared server, if a test has started it.</summary>
    public static async Task StopAsync()
    {
        if (_shared is not null) await (await _shared).DisposeAsync();
    }

    private static void IgnoreWhereMissing()
    {
        if (PostgreSqlServer.WhyMissing is { } reason) Assert.Ignore(reason);
    }
}
