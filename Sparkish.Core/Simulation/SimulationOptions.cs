using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Serialization.Messages;

namespace Sparkish.Simulation;

/// <summary>Options of a simulated cluster, besides its seed.</summary>
public sealed record SimulationOptions
{
    /// <summary>The settings of nodes that are added without their own.</summary>
    public SparkConf Conf { get; init; } = new(false);

    /// <summary>The messages that may cross between nodes; share one registry between seeds, since it caches its codecs.</summary>
    public MessageRegistry Messages { get; init; } = new();

    /// <summary>The delays of messages.</summary>
    public SimulatedLatency Latency { get; init; } = new();

    /// <summary>Maximum delay of a runnable handler, drawn from the seed, so that handlers of different endpoints run in different orders.</summary>
    public TimeSpan MaxTurnDelay { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>Number of trace lines kept for people; all lines count for <see cref="SimulatedCluster.TraceHash"/>.</summary>
    public int TraceLines { get; init; } = 200;

    /// <summary>The UTC time at which simulations begin.</summary>
    public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

    /// <summary>Creates the loggers of nodes.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>The delay between two machines. The order holds within a connection, but not between two.</summary>
public sealed record SimulatedLatency
{
    /// <summary>The shortest way.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The longest usual way.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Probability, from 0 to 1, that a message is much slower.</summary>
    public double SpikeChance { get; init; } = 0.01;

    /// <summary>The maximum delay of such a message.</summary>
    public TimeSpan SpikeMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Probability, from 0 to 1, that a packet is lost: TCP sends it again after <see cref="RetransmitAfter"/>, after twice that if it is lost again, and so
    /// on.
    /// </summary>
    public double LossChance { get; init; } = 0.002;

    /// <summary>Time after which a lost packet is sent again.</summary>
    public TimeSpan RetransmitAfter { get; init; } = TimeSpan.FromMilliseconds(200);
}
