namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>The size of random runs of a cluster. Each run draws its own numbers from the ranges.</summary>
internal sealed record ChaosScale(Range Workers, Range Applications, int Drivers, TimeSpan Faults, TimeSpan MeanPause)
{
    /// <summary>About sixty faults; thousands of seeds take minutes.</summary>
    public static ChaosScale Small { get; } = new(3..9, 3..6, Drivers: 5, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(0.4));

    /// <summary>Up to a hundred workers and forty applications, and four hundred faults.</summary>
    public static ChaosScale Large { get; } = new(20..101, 10..41, Drivers: 12, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(0.1))
    {
        EventsPerSnapshot = 200,
    };

    public int EventsPerSnapshot { get; init; } = 20;

    public static int Draw(Random random, Range range) => random.Next(range.Start.Value, range.End.Value);
}
