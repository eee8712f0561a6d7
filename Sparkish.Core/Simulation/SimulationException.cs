namespace Sparkish.Simulation;

/// <summary>
/// A simulation failed: a check failed, or nothing more could happen. The message gives the seed that repeats it and the last lines of the trace.
/// </summary>
public sealed class SimulationException(long seed, ulong traceHash, string message, Exception? innerException = null) : SparkException(message, innerException)
{
    /// <summary>The seed that repeats the run.</summary>
    public long Seed { get; } = seed;

    /// <summary>The hash of the trace up to the failure; a replay has the same.</summary>
    public ulong TraceHash { get; } = traceHash;
}
