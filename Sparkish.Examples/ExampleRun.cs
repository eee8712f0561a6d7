using System.CommandLine;
using System.Globalization;

namespace Sparkish.Examples;

/// <summary>The options, the context and the error reports that all examples share.</summary>
internal static class ExampleRun
{
    private const string DefaultMaster = "local-cluster[2,1,1024]";

    public static Option<string?> MasterOption() => new("--master")
    {
        Description =
            $"The master: local[N], local-cluster[WORKERS,CORES,MIB] or spark://HOST:PORT. By default that of 'sparkish submit', otherwise {DefaultMaster}.",
        HelpName = "URL",
    };

    public static Option<int?> PartitionsOption()
    {
        var option = new Option<int?>("--partitions") { Description = "Number of partitions. By default the engine chooses.", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var n) && n < 1)
                result.AddError($"--partitions is {n} but must be at least 1.");
        });
        return option;
    }

    /// <summary>Runs an example in its own context.</summary>
    /// <returns>The exit status: 0, or 1 after an error, which is written to standard error.</returns>
    public static async Task<int> RunAsync(string name, string? master, Action<SparkContext> example)
    {
        // SparkConf starts with the settings of 'sparkish submit', if that started this program. --master takes precedence.
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
            // The error of a failed job contains the lambda's exception, with its stack from the executor.
            Console.Error.WriteLine($"{name}: {e.Message}");
            Console.Error.WriteLine(e.InnerException);
            return 1;
        }
    }
}
