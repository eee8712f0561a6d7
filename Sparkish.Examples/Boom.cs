using System.CommandLine;
using System.Globalization;

namespace Sparkish.Examples;

/// <summary>A job that fails: one of its records is no number. Shows what an exception in a lambda looks like on the driver.</summary>
internal static class Boom
{
    public static Command Command()
    {
        var master = ExampleRun.MasterOption();
        var command = new Command("boom", "Fails on one record, to show how an error in a job is reported.") { master };
        command.SetAction(args => ExampleRun.RunAsync("boom", args.GetValue(master), Sum));
        return command;
    }

    private static void Sum(SparkContext sc)
    {
        string[] readings = ["17", "4", "eleven", "23"];

        // The task that meets "eleven" throws, is tried again as often as spark.task.maxFailures says, and then fails the job.
        var sum = sc.Parallelize(readings, 2).Map(text => int.Parse(text, CultureInfo.InvariantCulture)).Reduce((a, b) => a + b);

        Console.WriteLine($"sum={sum}");
    }
}
