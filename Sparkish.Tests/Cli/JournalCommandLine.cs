using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Tests.Persistence;
using Sparkish.Tests.Processes;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Cli;

/// <summary>Runs <c>sparkish journal</c> as a process.</summary>
internal static class JournalCommandLine
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var process = TestProcess.StartAssembly("sparkish.dll", arguments);
        var status = await process.WaitForExitAsync(Limit);
        return (status, string.Join('\n', process.Output), string.Join('\n', process.Errors));
    }

    /// <summary>
    /// Has a counter write to the store of a recovery mode, as the leader of its election, and gives its epoch and what the command prints of it.
    /// </summary>
    public static async Task<(long Epoch, string Printed)> WriteAndPrintAsync(SparkConf conf, params string[] place)
    {
        long epoch;
        await using (var mode = RecoveryMode.From(conf, TimeProvider.System, NullLoggerFactory.Instance))
        await using (var term = await mode.Election.CampaignAsync("test"))
        await using (var env = Envs.New())
        {
            var options = new EventSourcingOptions<ICounterEvent>(mode.Journals, RecoveryMode.Name, EventSourcingCounter.Events) { Epoch = term.Epoch };
            var counter = env.SetupEndpoint("counter", new EventSourcingCounter(options));
            await counter.AskAsync<long>(new Increment(2));
            epoch = term.Epoch!.Value;
        }

        var (status, output, error) = await RunAsync(["journal", .. place]);
        Assert.That((status, error), Is.EqualTo((0, "")));
        return (epoch, output);
    }
}
