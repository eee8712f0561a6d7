using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Serialization.Messages;

namespace Sparkish.Simulation;

/// <summary>What a simulated cluster is like, beside its seed.</summary>
public sealed record SimulationOptions
{
    /// <summary>The settings of nodes that are added without settings of their own.</summary>
    public SparkConf Conf { get; init; } = new(false);

    /// <summary>The messages that may cross between nodes; share one registry between seeds, since it makes its codecs once.</summary>
    public MessageRegistry Messages { get; init; } = new();

    /// <summary>How long messages travel.</summary>
    public SimulatedLatency Latency { get; init; } = new();

    /// <summary>
    /// How long a handler that could run now may be put off at most, as the seed says, so that handlers of different endpoints run in different orders.
    /// </summary>
    public TimeSpan MaxTurnDelay { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>How many lines of the trace are kept for people; all lines count for <see cref="SimulatedCluster.TraceHash"/>.</summary>
    public int TraceLines { get; init; } = 200;

    /// <summary>The UTC time at which simulations begin.</summary>
    public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

    /// <summary>Makes the loggers of nodes.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>How long what is sent from one machine to another travels. Within a connection the order holds; between two it may change.</summary>
public sealed record SimulatedLatency
{
    /// <summary>The shortest way.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The longest usual way.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How probable it is, from 0 to 1, that a message takes much longer.</summary>
    public double SpikeChance { get; init; } = 0.01;

    /// <summary>The longest way then.</summary>
    public TimeSpan SpikeMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How probable it is, from 0 to 1, that a packet is lost: as TCP sends it again, it costs <see cref="RetransmitAfter"/>, twice that when lost again, and
    /// so on.
    /// </summary>
    public double LossChance { get; init; } = 0.002;

    /// <summary>After how long a lost packet is sent again.</summary>
    public TimeSpan RetransmitAfter { get; init; } = TimeSpan.FromMilliseconds(200);
}
