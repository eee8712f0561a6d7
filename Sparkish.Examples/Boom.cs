using System.CommandLine;
using System.Globalization;

namespace Sparkish.Examples;

/// <summary>A job that fails because one of its records is not a number. Shows how the driver reports an exception of a lambda.</summary>
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

        // The task with "eleven" throws. After spark.task.maxFailures attempts it fails the job.
        var sum = sc.Parallelize(readings, 2).Map(text => int.Parse(text, CultureInfo.InvariantCulture)).Reduce((a, b) => a + b);

        Console.WriteLine($"sum={sum}");
    }
}
