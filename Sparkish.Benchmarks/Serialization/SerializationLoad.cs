#pragma warning disable MA0048 // a load and its cost belong together
using System.Diagnostics;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>What one way of writing or reading takes.</summary>
/// <param name="Nanoseconds">Per object.</param>
/// <param name="AllocatedBytes">Per object.</param>
internal readonly record struct Cost(double Nanoseconds, double AllocatedBytes);

/// <summary>One way of writing or reading something, again and again.</summary>
/// <param name="Objects">How many objects one call handles.</param>
/// <param name="Run">Does it; what it returns is looked at, so that it cannot be left out.</param>
/// <param name="Known">What it costs, where that is a number to reach and nothing is run.</param>
internal sealed record SerializationLoad(int Objects, Func<object> Run, Cost? Known = null)
{
    /// <summary>Repeats it for about so long.</summary>
    public Cost Measure(TimeSpan duration)
    {
        if (Known is { } known) return known;
        var (calls, batch) = (0L, 1L);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            for (var i = 0L; i < batch; i++) GC.KeepAlive(Run());
            calls += batch;
            elapsed = Stopwatch.GetElapsedTime(start);

            // Looking at the clock takes as long as writing a small record.
            if (elapsed < duration / 8) batch *= 2;
        }
        while (elapsed < duration);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var objects = (double)calls * Objects;
        return new Cost(elapsed.TotalNanoseconds / objects, allocated / objects);
    }
}
