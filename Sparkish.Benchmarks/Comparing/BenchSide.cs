using System.Text.RegularExpressions;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>One side of a comparison: a program that knows <c>bench WORKLOAD key=value…</c>.</summary>
internal sealed partial record BenchSide(string Name, string FileName, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    // Spark as an experienced user runs it: Kryo for data, the throughput collector.
    private const string TunedJava = "-Dspark.serializer=org.apache.spark.serializer.KryoSerializer -XX:+UseParallelGC";

    /// <summary>This program, as a process of its own.</summary>
    public static BenchSide Ours()
    {
        var host = System.Environment.ProcessPath!;
        var isDotnet = Path.GetFileNameWithoutExtension(host) is "dotnet";
        return new BenchSide(
            "sparkish", host, isDotnet ? ["exec", typeof(BenchSide).Assembly.Location] : [], new Dictionary<string, string>(StringComparer.Ordinal));
    }

    /// <summary>Real Spark, by the path of its <c>run</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static BenchSide Peer(string run)
    {
        if (!File.Exists(run)) throw new FileNotFoundException($"There is no peer at '{run}': give --peer the path of the peer's 'run' script.", run);
        var full = Path.GetFullPath(run);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["JAVA_OPTS"] = TunedJava };
        return new BenchSide(NameOf(full), full, [], environment);
    }

    /// <summary>Runs one workload in a new process.</summary>
    /// <exception cref="SparkException">The process failed, printed no measurement, or took longer than <paramref name="limit"/>.</exception>
    public async Task<BenchOutput> RunAsync(ComparedWorkload workload, IEnumerable<string> settings, TimeSpan limit, CancellationToken cancellationToken)
    {
        string[] arguments = [.. Arguments, "bench", workload.Name, .. settings];
        return BenchOutput.Parse(Name, await ChildProcess.RunAsync($"{Name} {workload.Name}", FileName, arguments, Environment, limit, cancellationToken));
    }

    // The version stands in the name of Spark's own jar.
    private static string NameOf(string run)
    {
        var jars = Path.Combine(Path.GetDirectoryName(run)!, "jars");
        var core = Directory.Exists(jars) ? Directory.EnumerateFiles(jars, "spark-core_*.jar").FirstOrDefault() : null;
        return core is not null && SparkCoreJar().Match(Path.GetFileName(core)) is { Success: true } jar ? $"spark {jar.Groups["version"].Value}" : "spark";
    }

    [GeneratedRegex(@"^spark-core_[\d.]+-(?<version>.+)\.jar$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SparkCoreJar();
}
