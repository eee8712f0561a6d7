using System.CommandLine;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;

namespace Sparkish.Cli;

/// <summary><c>sparkish journal</c>: prints the journal of a master, or of another event-sourced endpoint.</summary>
internal static class JournalCommand
{
    public static Command Create()
    {
        var directory = Text("--directory", "DIR", "The directory of the journals, as in spark.deploy.recoveryDirectory.");
        var postgreSql = Text("--postgresql", "CONNECTION", "The database of the journals, as in spark.deploy.postgresql.url.");
        var zooKeeper = Text("--zookeeper", "SERVERS", "The servers of the journals, as in spark.deploy.zookeeper.url.");
        var name = Text("--name", "NAME", "Name of the journal; optional if there is only one.");
        var list = new Option<bool>("--list") { Description = "Prints the names of the journals only." };
        var conf = SharedOptions.Conf();
        var command = new Command("journal", "Prints a journal as lines of JSON: its snapshot first, then each event. Does not disturb its writer.")
        {
            directory, postgreSql, zooKeeper, name, list, conf,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = SharedOptions.Apply(new SparkConf(loadDefaults: false), parsed.GetValue(conf));
            var source = new JournalSource(parsed.GetValue(directory), parsed.GetValue(postgreSql), parsed.GetValue(zooKeeper), settings);
            return parsed.GetValue(list) ? ListAsync(source, cancellationToken) : PrintAsync(source, parsed.GetValue(name), cancellationToken);
        });
        return command;

        static Option<string> Text(string option, string value, string description) => new(option) { HelpName = value, Description = description };
    }

    private static async Task<int> ListAsync(JournalSource source, CancellationToken cancellationToken)
    {
        await using var store = source.Open();
        foreach (var name in await store.ListAsync(cancellationToken)) await Console.Out.WriteLineAsync(name);
        return CliErrors.Success;
    }

    private static async Task<int> PrintAsync(JournalSource source, string? name, CancellationToken cancellationToken)
    {
        await using var store = source.Open();
        await using var journal = await OpenAsync(store, name ?? await OnlyOneAsync(store, cancellationToken), cancellationToken);
        await using var output = new BufferedStream(Console.OpenStandardOutput());
        await JournalJson.WriteAsync(journal, output, cancellationToken);
        return CliErrors.Success;
    }

    private static async Task<IJournalReader> OpenAsync(IJournalStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenReaderAsync(name, cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static async Task<string> OnlyOneAsync(IJournalStore store, CancellationToken cancellationToken) =>
        await store.ListAsync(cancellationToken) switch
        {
            [var only] => only,
            [] => throw new SparkException("There are no journals."),
            var many => throw new UsageException(
                $"--name is missing, and there are {many.Count} journals: {string.Join(", ", many.Take(10))}{(many.Count > 10 ? ", …" : "")}."),
        };
}
