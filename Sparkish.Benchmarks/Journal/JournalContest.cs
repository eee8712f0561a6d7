#pragma warning disable MA0048 // a contest and its pace belong together
using System.Globalization;
using Sparkish.Benchmarks.Comparing;
using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Journal;

/// <summary>How often and how long is measured.</summary>
/// <param name="Rounds">Figures are medians of so many.</param>
/// <param name="Measure">How long one measurement of appends takes.</param>
/// <param name="LargeReplay">How many events the large replay has.</param>
internal sealed record JournalPace(int Rounds, TimeSpan Measure, int LargeReplay);

/// <summary>
/// Measures one kind of journal. Appends, 256 under way, are compared with the same journal, or a bare file, that waits for each one; replays of files with the
/// bare reading of as many bytes, and those of servers with the file journal's.
/// </summary>
internal sealed class JournalContest(string name, IJournalContestant contestant, string directory, JournalPace pace)
{
    private const int EventBytes = 100;
    private const int RecordOverhead = 56; // what the file journal adds to a batch of one event
    private const int Outstanding = 256;
    private const int ReplayedEventBytes = 300;
    private const string Check = "ok";

    private readonly JournalLoad _together = new(EventBytes, Outstanding, pace.Measure);
    private readonly JournalLoad _single = new(EventBytes, Outstanding: 1, pace.Measure);

    /// <summary>The names of the replays, and how many events they have: 1,000 is 1,000 workers and 1,000 applications.</summary>
    public static IReadOnlyList<(string Name, int Events)> Replays(JournalPace pace) => [("replay.1000", 2_000), ("replay.100000", pace.LargeReplay)];

    /// <param name="ofFiles">The figures of the file journal, for comparison; empty for that itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Figure>> RunAsync(IReadOnlyList<Figure> ofFiles, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        figures.AddRange(await AppendAsync(isFile: name == "file", cancellationToken));
        foreach (var (replay, events) in Replays(pace))
        {
            var seconds = await ReplayAsync(replay, events, cancellationToken);
            var (baseline, baselineName) = ofFiles.FirstOrDefault(figure => figure.Name == $"journal.file.{replay}") is { } file
                ? (file.Value, "file journal")
                : (ReadBare(events), "bare read of as many bytes");
            figures.Add(Figure.Of($"journal.{name}.{replay}", seconds, "s", baseline, baselineName, Check));
        }

        return figures;
    }

    private async Task<IReadOnlyList<Figure>> AppendAsync(bool isFile, CancellationToken cancellationToken)
    {
        var (together, single, bare) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = -1; round < pace.Rounds; round++)
        {
            await using var store = contestant.NewStore();
            var (a, b) = (await AppendAsync(store, "together", round, _together, cancellationToken),
                await AppendAsync(store, "single", round, _single, cancellationToken));
            var c = isFile ? _single.WriteAndFlush(Path.Combine(directory, "bare"), RecordOverhead) : 0;
            if (round < 0) continue; // warms up
            together.Add(a);
            single.Add(b);
            bare.Add(c);
        }

        return isFile
            ? [Of("append", together, bare, "write and fsync of each"), Of("append.single", single, bare, "write and fsync of each")]
            : [Of("append", together, single, "one at a time")];
    }

    private static async Task<double> AppendAsync(IJournalStore store, string kind, int round, JournalLoad load, CancellationToken cancellationToken)
    {
        await using var journal = await store.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"{kind}-{round + 1}"), epoch: null, cancellationToken);
        return await load.AppendAsync(journal, cancellationToken);
    }

    private async Task<double> ReplayAsync(string replay, int events, CancellationToken cancellationToken)
    {
        await using (var store = contestant.NewStore())
        {
            await using var journal = await store.OpenAsync(replay, epoch: null, cancellationToken);
            await JournalLoad.FillAsync(journal, events, ReplayedEventBytes, cancellationToken);
        }

        var seconds = new List<double>();
        for (var round = -1; round < pace.Rounds; round++)
        {
            await using var store = contestant.NewStore();
            var taken = await JournalLoad.ReplayAsync(store, replay, events, cancellationToken);
            if (round >= 0) seconds.Add(taken);
        }

        return Median(seconds);
    }

    private double ReadBare(int events)
    {
        var path = Path.Combine(directory, "bare");
        File.WriteAllBytes(path, new byte[events * ReplayedEventBytes]);
        var buffer = new byte[256 << 10];
        var seconds = new List<double>();
        for (var round = -1; round < pace.Rounds; round++)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            using var file = File.OpenHandle(path);
            for (var position = 0L; RandomAccess.Read(file, buffer, position) is > 0 and var read;) position += read;
            if (round >= 0) seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return Median(seconds);
    }

    private Figure Of(string what, List<double> ours, List<double> baseline, string baselineName) =>
        Figure.Of($"journal.{name}.{what}", Median(ours), "1/s", Median(baseline), baselineName, Check);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
