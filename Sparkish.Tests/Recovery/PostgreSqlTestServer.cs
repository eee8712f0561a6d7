using Sparkish.Benchmarks.Servers;

namespace Sparkish.Tests.Recovery;

/// <summary>The PostgreSQL server that all tests share which do not stop it: started by the first one, ended after the last.</summary>
[SetUpFixture]
internal sealed class PostgreSqlTestServer
{
    // Nothing that a test does needs the disk of this machine to survive a loss of power.
    private static readonly PostgreSqlServerSettings Settings = new(Fsync: false);

    private static readonly Lazy<Task<PostgreSqlServer>> Shared = new(() => PostgreSqlServer.StartAsync(Settings));

    private static readonly Lazy<Task<string>> SharedDatabase = new(NewDatabaseAsync);

    /// <summary>The shared server; the test is skipped where PostgreSQL is not installed.</summary>
    public static Task<PostgreSqlServer> GetAsync()
    {
        IgnoreWhereMissing();
        return Shared.Value;
    }

    /// <summary>The connection to a new database on the shared server.</summary>
    public static async Task<string> NewDatabaseAsync() => await (await GetAsync()).CreateDatabaseAsync();

    /// <summary>The connection to a database that many tests share, each with a schema of its own.</summary>
    public static async Task<string> SharedDatabaseAsync()
    {
        await GetAsync();
        return await SharedDatabase.Value;
    }

    /// <summary>A server of the test's own, which it may stop and kill.</summary>
    public static Task<PostgreSqlServer> StartOwnAsync()
    {
        IgnoreWhereMissing();
        return PostgreSqlServer.StartAsync(Settings);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Shared.IsValueCreated) await (await Shared.Value).DisposeAsync();
    }

    private static void IgnoreWhereMissing()
    {
        if (PostgreSqlServer.WhyMissing is { } reason) Assert.Ignore(reason);
    }
}
