using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Benchmarks.Workloads;

/// <summary>
/// <c>bench WORKLOAD key=value…</c>: runs one workload in this process and prints a JSON line per measured run, just as the peer's program does.
/// </summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var workload = new Argument<string>("WORKLOAD") { Description = $"One of {string.Join(", ", Workload.Names)}." };
        var settings = new Argument<string[]>("SETTINGS")
        {
            Description = "key=value: master=local[2] parts=4 warm=1 runs=3 n=… keys=… input=FILE.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "bench", "Runs one workload and prints JSON lines with its seconds, its check value and its peak memory.") { workload, settings };
        command.SetAction(async args => await RunAsync(args.GetValue(workload)!, args.GetValue(settings)!));
        return command;
    }

    private static async Task<int> RunAsync(string name, string[] texts)
    {
        try
        {
            var settings = new WorkloadSettings(texts);
            await MeasureAsync(name, Workload.Named(name), settings);
            return 0;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"bench: {e.Message}");
            if (e.InnerException is not null) await Console.Error.WriteLineAsync(e.InnerException.ToString());
            return 1;
        }
    }

    private static async Task MeasureAsync(string name, Func<SparkContext, WorkloadSettings, string> job, WorkloadSettings settings)
    {
        var (warm, runs) = (settings.Number("warm", 1, min: 0), settings.Number("runs", 3));
        var conf = new SparkConf().SetAppName(name).SetIfMissing("spark.master", settings.Text("master", "local[2]"));
        await using var sc = new SparkContext(conf);

        for (var run = -warm; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            var check = job(sc, settings);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (run == -warm) Print(name, $"\"first_run_ends_ms\":{SinceProcessStart().TotalMilliseconds:F0}");
            if (run >= 0) Print(name, $"\"run\":{run},\"seconds\":{seconds:F4},\"check\":\"{check}\"");
        }

        Print(name, $"\"peak_rss_kib\":{PeakResidentKib()}");
    }

    private static void Print(string name, FormattableString fields) =>
        Console.WriteLine($"{{\"engine\":\"sparkish\",\"workload\":\"{name}\",{fields.ToString(CultureInfo.InvariantCulture)}}}");

    private static TimeSpan SinceProcessStart()
    {
        using var self = Process.GetCurrentProcess();
        return DateTime.UtcNow - self.StartTime.ToUniversalTime();
    }

    /// <summary>The peak resident set of this process as Linux counts it; -1 elsewhere, as the peer says.</summary>
    private static long PeakResidentKib()
    {
        const string status = "/proc/self/status";
        if (!File.Exists(status)) return -1;
        var line = File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is null
            ? -1
            : long.Parse(line.AsSpan()["VmHWM:".Length..^"kB".Length],
                NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
