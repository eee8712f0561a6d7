#pragma warning disable MA0048 // contestants and where they come from belong together
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Benchmarks.Servers;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Benchmarks.Journal;

/// <summary>A kind of journal with all that it needs running.</summary>
internal interface IJournalContestant : IAsyncDisposable
{
    /// <summary>Makes a store as a process does that has just started; always the same place.</summary>
    IJournalStore NewStore();
}

/// <summary>A kind of journal that can be measured where what it needs is installed.</summary>
/// <param name="Name">In the names of figures, such as <c>file</c>.</param>
/// <param name="WhyMissing">Why it cannot be measured on this machine; null if it can.</param>
/// <param name="StartAsync">Starts what it needs; the directory is for files.</param>
internal sealed record JournalEntrant(string Name, Func<string?> WhyMissing, Func<string, CancellationToken, Task<IJournalContestant>> StartAsync);

/// <summary>All kinds of journals, the one without servers first.</summary>
internal static class JournalContestants
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<JournalEntrant> All { get; } =
    [
        new("file", static () => null, static (directory, _) => Task.FromResult<IJournalContestant>(new FileContestant(directory))),
        new("postgresql", static () => PostgreSqlServer.WhyMissing, StartPostgreSqlAsync),
        new("zookeeper", static () => ZooKeeperEnsemble.WhyMissing, StartZooKeeperAsync),
    ];

    private static async Task<IJournalContestant> StartPostgreSqlAsync(string directory, CancellationToken cancellationToken)
    {
        var server = await PostgreSqlServer.StartAsync(settings: null, cancellationToken);
        try
        {
            var connection = await server.CreateDatabaseAsync(cancellationToken);
            return new ServerContestant(server, () => new PostgreSqlJournalStore(connection, "journals", TimeProvider.System, NullLogger.Instance));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static async Task<IJournalContestant> StartZooKeeperAsync(string directory, CancellationToken cancellationToken)
    {
        var ensemble = await ZooKeeperEnsemble.StartAsync(cancellationToken: cancellationToken);
        try
        {
            await ensemble.ServesAsync(cancellationToken);
            var options = ZooKeeperOptions.From(ensemble.Url, SessionTimeout, credentials: "");
            return new ServerContestant(ensemble, () => new ZooKeeperJournalStore(options, "/sparkish", TimeProvider.System, NullLogger.Instance));
        }
        catch
        {
            await ensemble.DisposeAsync();
            throw;
        }
    }

    private sealed class FileContestant(string directory) : IJournalContestant
    {
        public IJournalStore NewStore() => new FileJournalStore(directory);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class ServerContestant(IAsyncDisposable server, Func<IJournalStore> newStore) : IJournalContestant
    {
        public IJournalStore NewStore() => newStore();

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
