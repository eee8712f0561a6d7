using System.Globalization;
using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Leaders;

/// <summary>
/// A process that stands for election and, once it leads, appends an event every few milliseconds until its term or its standard input ends. It says
/// <c>candidate ID</c>, <c>leads EPOCH</c>, <c>acked EPOCH SEQUENCE</c>, and at its end <c>ended EPOCH</c> or <c>refused EPOCH TYPE MESSAGE</c>.
/// </summary>
internal static class LeaderProgram
{
    /// <summary>Makes the leader write without asking whether its term goes on, so that only the store is there to stop it.</summary>
    public const string NoClock = "no-clock";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(3);

    public static async Task RunAsync(string kind, string connection, bool asksClock)
    {
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync() is not null)
            {
                // Only the end counts.
            }

            await stop.CancelAsync();
        });
        var (store, election) = LeaderStores.Open(kind, connection);
        await using (store)
        await using (election)
        {
            Say($"candidate {Environment.ProcessId}");
            try
            {
                await using var term = await election.CampaignAsync($"process {Environment.ProcessId}", stop.Token);
                await LeadAsync(store, term, asksClock, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The test is over.
            }
        }

        await reading;
    }

    private static async Task LeadAsync(IJournalStore store, ILeaderTerm term, bool asksClock, CancellationToken stop)
    {
        Say($"leads {term.Epoch}");
        try
        {
            await using var journal = await store.OpenAsync(LeaderStores.Name, term.Epoch, stop);
            using var pace = new PeriodicTimer(Pace);
            while (!asksClock || term.IsCurrent)
            {
                var sequence = await journal.AppendAsync([Encoding.UTF8.GetBytes($"{Environment.ProcessId}")], CancellationToken.None);
                Say($"acked {term.Epoch} {sequence}");
                await pace.WaitForNextTickAsync(stop);
            }

            Say($"ended {term.Epoch}");
        }
        catch (JournalException e)
        {
            Say($"refused {term.Epoch} {e.GetType().Name} {e.Message}");
        }
    }

    private static void Say(FormattableString line)
    {
        Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
        Console.Out.Flush();
    }
}
