using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Journal;

/// <summary>What journals are given to do.</summary>
/// <param name="EventBytes">The size of an appended event.</param>
/// <param name="Outstanding">How many appends are under way.</param>
/// <param name="Measure">For how long events are appended.</param>
internal sealed record JournalLoad(int EventBytes, int Outstanding, TimeSpan Measure)
{
    private const int FillBatch = 100;
    private const int FillOutstanding = 16;

    /// <summary>Appends events one by one, with so many under way, by one caller as an endpoint does.</summary>
    /// <returns>How many were acknowledged in a second.</returns>
    public async Task<double> AppendAsync(IJournal journal, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>[] events = [NewEvent(EventBytes, 1)];
        var appends = new Queue<Task<long>>();
        var acknowledged = 0L;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Measure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (appends.Count < Outstanding) appends.Enqueue(journal.AppendAsync(events, CancellationToken.None).AsTask());
            acknowledged = await appends.Dequeue();
        }

        var rate = acknowledged / watch.Elapsed.TotalSeconds;
        while (appends.TryDequeue(out var append)) await append;
        return rate;
    }

    /// <summary>Writes and flushes as many bytes as an event takes in a file, one after the other, as the simplest journal would.</summary>
    /// <returns>How many in a second.</returns>
    public double WriteAndFlush(string path, int overhead)
    {
        var bytes = NewEvent(EventBytes + overhead, 1);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var written = 0L;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Measure)
        {
            RandomAccess.Write(file, bytes, written * bytes.Length);
            RandomAccess.FlushToDisk(file);
            written++;
        }

        return written / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Fills a journal with so many events.</summary>
    public static async Task FillAsync(IJournal journal, int count, int bytes, CancellationToken cancellationToken)
    {
        var appends = new Queue<Task<long>>();
        for (var first = 0; first < count; first += FillBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = Enumerable.Range(first, Math.Min(FillBatch, count - first)).Select(i => (ReadOnlyMemory<byte>)NewEvent(bytes, i)).ToArray();
            appends.Enqueue(journal.AppendAsync(batch, CancellationToken.None).AsTask());
            if (appends.Count >= FillOutstanding) await appends.Dequeue();
        }

        while (appends.TryDequeue(out var append)) await append;
    }

    /// <summary>Opens a journal as a process that has just started does, and reads all of it.</summary>
    /// <returns>The seconds that it took.</returns>
    public static async Task<double> ReplayAsync(IJournalStore store, string name, int count, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using var journal = await store.OpenAsync(name, epoch: null, cancellationToken);
        var snapshot = await journal.ReadSnapshotAsync(cancellationToken);
        var read = 0;
        await foreach (var _ in journal.ReadAsync(snapshot?.Sequence ?? 0, cancellationToken)) read++;
        var seconds = watch.Elapsed.TotalSeconds;
        return read == count ? seconds : throw new SparkException($"{read} events were read of '{name}', which has {count}.");
    }

    private static byte[] NewEvent(int bytes, int seed)
    {
        var payload = new byte[bytes];
        new Random(seed).NextBytes(payload);
        return payload;
    }
}
