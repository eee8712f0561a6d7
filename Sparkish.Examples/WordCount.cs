using System.CommandLine;

namespace Sparkish.Examples;

/// <summary>Counts the words of a text: the "hello world" of clusters.</summary>
internal static class WordCount
{
    public static Command Command()
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "The text: a file, a directory or a pattern. By default the book that comes with the examples.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var master = ExampleRun.MasterOption();
        var output = new Option<string?>("--output") { Description = "A new directory for all counts, one 'word<TAB>count' per line.", HelpName = "DIR" };
        var partitions = ExampleRun.PartitionsOption();
        var command = new Command("wordcount", "Counts the words of a text, split at single spaces.") { file, master, output, partitions };
        command.SetAction(args => ExampleRun.RunAsync("wordcount", args.GetValue(master),
            sc => Count(sc, args.GetValue(file) ?? ShippedBook, args.GetValue(output), args.GetValue(partitions))));
        return command;
    }

    private static string ShippedBook => Path.Combine(Path.GetDirectoryName(typeof(WordCount).Assembly.Location)!, "data", "devils-dictionary.txt");

    private static void Count(SparkContext sc, string file, string? output, int? partitions)
    {
        var lines = sc.TextFile(file, partitions);

        var counts = lines
            .FlatMap(line => line.Split(' '))
            .Filter(word => word.Length > 0)
            .Map(word => (word, 1L))
            .ReduceByKey((a, b) => a + b, partitions);

        if (output is not null) counts.SortBy(c => c.Key).Map(c => $"{c.Key}\t{c.Value}").SaveAsTextFile(output);

        // Sums each partition first, because an empty text has partitions but nothing to reduce.
        var words = counts.MapPartitions(part => new[] { part.Sum(c => c.Value) }).Collect().Sum();
        var distinct = counts.Count();

        Console.WriteLine($"lines: {lines.Count()}");
        foreach (var (word, count) in counts.Top(10, new ByCount())) Console.WriteLine($"{count,10}  {word}");

        Console.WriteLine($"words={words} distinct={distinct}");
    }

    /// <summary>
    /// Orders by count, then by word in reverse, so that Top returns equally frequent words alphabetically. It runs on executors, so it has no fields.
    /// </summary>
    private sealed class ByCount : IComparer<(string Word, long Count)>
    {
        public int Compare((string Word, long Count) x, (string Word, long Count) y) =>
            x.Count != y.Count ? x.Count.CompareTo(y.Count) : string.CompareOrdinal(y.Word, x.Word);
    }
}
