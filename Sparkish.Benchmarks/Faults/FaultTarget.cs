#pragma warning disable MA0048 // the targets belong together
using Npgsql;
using Sparkish.Benchmarks.Servers;

namespace Sparkish.Benchmarks.Faults;

/// <summary>A fault of the servers, and its end.</summary>
internal sealed record ServerFault(string Name, Func<Task> Begin, Func<Task> End);

/// <summary>A way to the store, and what it is called.</summary>
internal sealed record FaultView(string Name, string Connection);

/// <summary>A store with its servers.</summary>
internal abstract class FaultTarget : IAsyncDisposable
{
    /// <summary>The store's name.</summary>
    public abstract string Kind { get; }

    /// <summary>The way to the store that no fault is on.</summary>
    public abstract string Direct { get; }

    /// <summary>The ports of the servers, each behind a gate for each candidate.</summary>
    public virtual IReadOnlyList<int> Ports => [];

    /// <summary>How a candidate reaches the store through its gates.</summary>
    public virtual string Through(IReadOnlyList<FaultGate> gates) => Direct;

    /// <summary>The ways to the store by which the journal is read at the end: several, where servers may show different things.</summary>
    public virtual IReadOnlyList<FaultView> Views => [new FaultView("the store", Direct)];

    public abstract IReadOnlyList<ServerFault> Faults(Random random);

    /// <summary>Looks around after a fault.</summary>
    public virtual Task ObserveAsync() => Task.CompletedTask;

    /// <summary>Stops the servers, keeps their files where that is asked for, and compares them with what was acknowledged.</summary>
    public virtual Task<IReadOnlyList<string>> ExplainAsync(IReadOnlyCollection<FaultAcknowledgement> acknowledged) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public abstract ValueTask DisposeAsync();

    /// <summary>Starts the servers of a store.</summary>
    public static async Task<FaultTarget> StartAsync(string kind, FaultDisk? disk, FaultSettings settings) => kind switch
    {
        FaultStores.Files => new FilesTarget(Directory.CreateTempSubdirectory("sparkish-faults-").FullName, disk),
        FaultStores.PostgreSql or FaultStores.Akka => await PostgreSqlTarget.StartAsync(kind, disk),
        FaultStores.ZooKeeper => await ZooKeeperTarget.StartAsync(disk is not null, settings),
        FaultStores.Raft => new RaftTarget(),
        _ => throw new SparkException($"'{kind}' is not a store: give one of {string.Join(", ", FaultStores.All)}, or all."),
    };

    /// <summary>Why a store cannot be had here; null where it can.</summary>
    public static string? WhyMissing(string kind) => kind switch
    {
        FaultStores.PostgreSql or FaultStores.Akka => PostgreSqlServer.WhyMissing,
        FaultStores.ZooKeeper => ZooKeeperEnsemble.WhyMissing,
        _ => null,
    };

    protected static IEnumerable<ServerFault> FullDisk(FaultDisk? disk, Func<Task> repair)
    {
        if (disk is null) yield break;
        yield return new ServerFault("disk full", disk.FillAsync, async () =>
        {
            await disk.MakeRoomAsync();
            await repair();
        });
    }
}

/// <summary>Files: no server but the disk.</summary>
internal sealed class FilesTarget(string directory, FaultDisk? disk) : FaultTarget
{
    public override string Kind => FaultStores.Files;

    public override string Direct => directory;

    public override IReadOnlyList<ServerFault> Faults(Random random) => [.. FullDisk(disk, static () => Task.CompletedTask)];

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>One PostgreSQL server, which Sparkish or Akka.Persistence.Sql writes to.</summary>
internal sealed class PostgreSqlTarget(string kind, PostgreSqlServer server, string connection, FaultDisk? disk) : FaultTarget
{
    public override string Kind => kind;

    public override string Direct => connection;

    public override IReadOnlyList<int> Ports => [server.Port];

    public static async Task<FaultTarget> StartAsync(string kind, FaultDisk? disk)
    {
        var server = await PostgreSqlServer.StartAsync(new PostgreSqlServerSettings(Fsync: false) { Options = ["max_wal_size=64MB"] });
        return new PostgreSqlTarget(kind, server, await server.CreateDatabaseAsync(), disk);
    }

    public override string Through(IReadOnlyList<FaultGate> gates) => new NpgsqlConnectionStringBuilder(connection) { Port = gates[0].Port }.ConnectionString;

    public override IReadOnlyList<ServerFault> Faults(Random random) =>
    [
        new ServerFault("server killed", server.KillAsync, () => server.StartAgainAsync()),
        new ServerFault("server restarted", server.StopAsync, () => server.StartAgainAsync()),
        new ServerFault("backend killed", KillBackendAsync, () => server.RepairAsync()),
        new ServerFault("sessions ended", () => server.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sparkish%'"), () => server.RepairAsync()),
        .. FullDisk(disk, () => server.RepairAsync()),
    ];

    public override ValueTask DisposeAsync() => server.DisposeAsync();

    private Task KillBackendAsync()
    {
        server.KillBackend();
        return Task.CompletedTask;
    }
}
