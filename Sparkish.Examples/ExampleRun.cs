using System.CommandLine;
using System.Globalization;

namespace Sparkish.Examples;

/// <summary>What all examples share: where they run, and how they end.</summary>
internal static class ExampleRun
{
    private const string DefaultMaster = "local-cluster[2,1,1024]";

    public static Option<string?> MasterOption() => new("--master")
    {
        Description =
            $"Where to run: local[N], local-cluster[WORKERS,CORES,MIB] or spark://HOST:PORT. Left out, what 'sparkish submit' was given, else {DefaultMaster}.",
        HelpName = "URL",
    };

    public static Option<int?> PartitionsOption()
    {
        var option = new Option<int?>("--partitions") { Description = "How many partitions the data have. Left out, the engine chooses.", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var n) && n < 1)
                result.AddError($"--partitions is {n} but must be at least 1.");
        });
        return option;
    }

    /// <summary>Runs an example in a context of its own.</summary>
    /// <returns>The exit status: 0, or 1 after an error, which then stands on standard error.</returns>
    public static async Task<int> RunAsync(string name, string? master, Action<SparkContext> example)
    {
        // SparkConf starts with the settings of 'sparkish submit', if that started us; --master wins over them.
        var conf = new SparkConf().SetIfMissing("spark.app.name", name).SetIfMissing("spark.master", DefaultMaster);
        if (master is not null) conf.SetMaster(master);

        try
        {
            await using var sc = new SparkContext(conf);
            return Run(name, sc, example);
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"{name}: {e.Message}");
            return 1;
        }
    }

    private static int Run(string name, SparkContext sc, Action<SparkContext> example)
    {
        try
        {
            example(sc);
            return 0;
        }
        catch (SparkException e) when (e.InnerException is not null)
        {
            // A job that failed carries the exception of the lambda, with its stack from the executor.
            Console.Error.WriteLine($"{name}: {e.Message}");
            Console.Error.WriteLine(e.InnerException);
            return 1;
        }
    }
}
