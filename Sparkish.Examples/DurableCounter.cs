#pragma warning disable MA0048 // the whole sample is one file to read
using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Persistence.Files;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Examples;

/// <summary>An ask to the counter, which answers with its new value.</summary>
internal sealed record Increment(int By);

/// <summary>The event that the counter writes to its journal.</summary>
internal sealed record Incremented(int By);

/// <summary>A counter that survives its process. It answers only when the increment is on disk.</summary>
internal sealed class Counter(IJournalStore store) : EventSourcedEndpoint<long, Incremented>(new(store, "counter", Events))
{
    private static readonly EventSchema<Incremented> Events = new EventSchema<Incremented>().Add<Incremented>(1);

    protected override long InitialState => 0;

    protected override long Apply(long state, Incremented @event) => state + @event.By;

    protected override Effect<long, Incremented> HandleAndReply(long state, object command, RpcCallContext call) => command switch
    {
        Increment { By: 0 } => None.ThenReply(call, value => value),
        Increment m => Persist(new Incremented(m.By)).ThenReply(call, value => value),
        _ => base.HandleAndReply(state, command, call),
    };
}

/// <summary>Counts the lines of its input, or a given number of times, and resumes after it was killed.</summary>
internal static class DurableCounter
{
    public static Command Command()
    {
        var directory = new Argument<string>("DIR") { Description = "Directory of the counter's journal." };
        var times = new Option<int?>("--times") { Description = "Number of increments. By default one for each line of the input.", HelpName = "N" };
        var command = new Command("counter", "Counts, and keeps its number through 'kill -9'.") { directory, times };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(directory), parsed.GetValue(times)));
        return command;
    }

    private static async Task<int> RunAsync(string directory, int? times)
    {
        try
        {
            await using var store = new FileJournalStore(directory);
            // The code below reports each failure in one line, so the env does not have to log it.
            await using var env = RpcEnv.Create(
                new RpcEnvOptions("counter", new SparkConf(), new MessageRegistry()) { Listen = false, LoggerFactory = NullLoggerFactory.Instance });
            var counter = env.SetupEndpoint("counter", new Counter(store));
            var value = await counter.AskAsync<long>(new Increment(0));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The counter stands at {value}."));
            for (var i = 0; times is null ? Console.ReadLine() is not null : i < times; i++)
                Console.WriteLine((await counter.AskAsync<long>(new Increment(1))).ToString(CultureInfo.InvariantCulture));
            return 0;
        }
        catch (SparkException error)
        {
            await Console.Error.WriteLineAsync($"counter: {error.Message}");
            return 1;
        }
    }
}
