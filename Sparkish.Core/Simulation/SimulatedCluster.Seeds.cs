using System.Globalization;

namespace Sparkish.Simulation;

/// <content>Running many seeds.</content>
public sealed partial class SimulatedCluster
{
    /// <summary>The environment variable with the single seed that <see cref="ForSeeds"/> runs.</summary>
    public const string SeedVariable = "SPARKISH_SEED";

    /// <summary>Injects random faults from now on, until the result is disposed.</summary>
    public Chaos StartChaos(ChaosOptions? options = null) => new(this, options ?? new ChaosOptions());

    /// <summary>
    /// Runs a body once for each of many seeds, on all cores; or for one only, on this thread, if the environment variable <c>SPARKISH_SEED</c> names it.
    /// </summary>
    /// <param name="count">Number of seeds, from 1 on.</param>
    /// <param name="body">The test of a seed's cluster. It is called from several threads concurrently, and must not share state.</param>
    /// <param name="options">The options of each cluster; shared, so that message codecs are created once.</param>
    /// <param name="filter">The test filter that selects the calling test, for the command that repeats it.</param>
    /// <exception cref="SimulationException">A seed failed; the message names it and the command that repeats it.</exception>
    public static void ForSeeds(int count, Action<SimulatedCluster> body, SimulationOptions? options = null, string? filter = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given)
        {
            if (!long.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed))
                throw new SparkException($"{SeedVariable} is '{given}' but must be a whole number: the seed to repeat.");
            if (RunSeed(seed, body, options, filter) is { } failure) throw failure;
            return;
        }

        if (FirstFailure(count, body, options, filter) is { } first) throw first;
    }

    private static SimulationException? FirstFailure(int count, Action<SimulatedCluster> body, SimulationOptions? options, string? filter)
    {
        var found = new SortedDictionary<long, SimulationException>();
        var last = 0;
        var threads = Enumerable.Range(0, Math.Min(count, Environment.ProcessorCount))
            .Select(number => new Thread(Work) { Name = $"simulation-{number}", IsBackground = true }).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return found.Values.FirstOrDefault();

        void Work()
        {
            while (Volatile.Read(ref last) < count && Interlocked.Increment(ref last) is var seed && seed <= count)
            {
                if (RunSeed(seed, body, options, filter) is not { } failure) continue;
                lock (found) found.Add(seed, failure);
                Volatile.Write(ref last, count); // running ones may find a smaller one
            }
        }
    }

    private static SimulationException? RunSeed(long seed, Action<SimulatedCluster> body, SimulationOptions? options, string? filter)
    {
        var cluster = new SimulatedCluster(seed, options);
        try
        {
            body(cluster);
            return null;
        }
        catch (Exception error)
        {
            var failed = cluster.Failed(error);
            var replay = string.Create(CultureInfo.InvariantCulture, $"{SeedVariable}={seed} dotnet test{(filter is null ? "" : $" --filter {filter}")}");
            return new SimulationException(seed, failed.TraceHash, $"{failed.Message}\nRepeat it with: {replay}", failed.InnerException ?? error);
        }
    }
}
