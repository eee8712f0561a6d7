using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// A process that stands for election again and again, and appends while it leads, until its standard input ends. Each event is a text that nobody else writes.
/// Lines: <c>lead EPOCH</c>, <c>current EPOCH TIME</c> (it led at that time of the machine's monotonic clock), <c>ack EPOCH SEQUENCE TEXT ZXID</c>,
/// whose last number is that of ZooKeeper's transaction, and 0 if the store has no such number or the answer was lost.
/// </summary>
internal static class FaultCandidate
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly Lock Output = new();
    private static long _number;

    public static async Task<int> RunAsync(string kind, string connection)
    {
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await Console.In.ReadToEndAsync();
            await stop.CancelAsync();
        });
        var store = FaultStores.OpenStore(kind, connection);
        var election = FaultStores.OpenElection(kind, connection);
        await using (store)
        await using (election)
        {
            while (!stop.IsCancellationRequested) await TryLeadAsync(store, election, stop.Token);
        }

        await reading;
        return 0;
    }

    private static async Task TryLeadAsync(IJournalStore store, ILeaderElection election, CancellationToken stop)
    {
        try
        {
            await using var term = await election.CampaignAsync($"process {Environment.ProcessId}", stop);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop, term.Ended);
            var watching = term.Epoch is { } epoch ? Task.Run(() => WatchAsync(term, epoch, over.Token), CancellationToken.None) : Task.CompletedTask;
            try
            {
                await using var journal = await store.OpenAsync(FaultStores.Journal, term.Epoch, over.Token);
                Say($"lead {journal.Epoch}");
                while (term.IsCurrent && !stop.IsCancellationRequested) await AppendAsync(journal, tellsTime: term.Epoch is null);
            }
            finally
            {
                await over.CancelAsync();
                await watching;
            }
        }
        catch (Exception e) when (e is JournalException or OperationCanceledException or IOException)
        {
            // Its term or its store is over for now; it stands again.
            if (!stop.IsCancellationRequested) await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private static async Task AppendAsync(IJournal journal, bool tellsTime)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.{Interlocked.Increment(ref _number)}");
        var began = Stopwatch.GetTimestamp();
        var sequence = await journal.AppendAsync([Encoding.UTF8.GetBytes(text)], CancellationToken.None);
        Say($"ack {journal.Epoch} {sequence} {text} {(journal as ZooKeeperJournal)?.LastZxid ?? 0}");
        if (tellsTime) Say($"current {journal.Epoch} {began}");
        await Task.Delay(Pace);
    }

    // The time is taken before the question, so that a process which is frozen between the two does not claim a time that it did not lead at.
    private static async Task WatchAsync(ILeaderTerm term, long epoch, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var time = Stopwatch.GetTimestamp();
            if (!term.IsCurrent) return;
            Say($"current {epoch} {time}");
            await Task.Delay(Pace, CancellationToken.None);
        }
    }

    private static void Say(FormattableString line)
    {
        lock (Output)
        {
            Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
            Console.Out.Flush();
        }
    }
}
