using System.Globalization;
using System.Text;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Node;

/// <summary>
/// Appends to the journal 'j' below a directory until it is killed, or so many events are there, and says which events were acknowledged; then saves a
/// snapshot. After a failure it says what failed and how many events can be read.
/// </summary>
internal static class JournalMode
{
    private const int Outstanding = 64;

    public static async Task<int> RunAsync(string directory, long count)
    {
        await using var store = new FileJournalStore(directory);
        try
        {
            var journal = await store.OpenAsync("j");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"opened {journal.Epoch} {journal.LastSequence}"));
            await AppendAsync(journal, count);
            await journal.SaveSnapshotAsync(new JournalSnapshot(journal.LastSequence, new byte[100]));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"saved {journal.LastSequence}"));
            return 0;
        }
        catch (JournalException e)
        {
            Console.WriteLine($"failed {e.GetType().Name} {e.Message}");
            await ReadAsync(store);
            return 3;
        }
    }

    /// <summary>The event of a number; the length varies, so that records begin everywhere.</summary>
    private static byte[] EventOf(long number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event {number} {new string('.', (int)(number % 97))}"));

    private static async Task AppendAsync(IJournal journal, long count)
    {
        var appends = new Queue<Task<long>>();
        for (var next = journal.LastSequence + 1; next <= count; next++)
        {
            appends.Enqueue(journal.AppendAsync([EventOf(next)]).AsTask());
            if (appends.Count >= Outstanding) await SayAsync(appends);
        }

        while (appends.Count > 0) await SayAsync(appends);
    }

    private static async Task SayAsync(Queue<Task<long>> appends)
    {
        var sequence = await appends.Dequeue();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"acked {sequence}"));
    }

    private static async Task ReadAsync(FileJournalStore store)
    {
        if ((await store.ListAsync()).Count == 0) return;
        await using var reader = await store.OpenReaderAsync("j");
        var read = 0L;
        await foreach (var entry in reader.ReadAsync(0))
        {
            if (entry.Sequence != ++read || !entry.Payload.Span.SequenceEqual(EventOf(read)))
                throw new InvalidDataException($"Event {entry.Sequence} is wrong.");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"found {read}"));
    }
}
