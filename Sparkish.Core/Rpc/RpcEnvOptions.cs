using Microsoft.Extensions.Logging;
using Sparkish.Diagnostics;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc;

/// <summary>How to make an env.</summary>
/// <param name="Name">The env's name.</param>
/// <param name="Conf">The settings; keys <c>spark.rpc.*</c>.</param>
/// <param name="Messages">The message types that may cross the wire.</param>
public sealed record RpcEnvOptions(string Name, SparkConf Conf, MessageRegistry Messages)
{
    /// <summary>Options with the settings of the environment and no messages of one's own: enough for an env that talks only to itself.</summary>
    public RpcEnvOptions(string name)
        : this(name, new SparkConf(), new MessageRegistry())
    {
    }

    /// <summary>
    /// Whether to listen. An env that does not is Spark's client mode: it dials others, which answer over its connections, but nobody can dial it, and
    /// refs to its endpoints work only on nodes that it is connected with.
    /// </summary>
    public bool Listen { get; init; } = true;

    /// <summary>The address to bind to.</summary>
    public string BindHost { get; init; } = "127.0.0.1";

    /// <summary>The address told to peers; the bound one unless given.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The port told to peers, where something in between maps it; the bound one unless given.</summary>
    public int? AdvertisedPort
    {
        get;
        init => field = value is null ? null : CheckPort(value.Value, nameof(AdvertisedPort));
    }

    /// <summary>The port; 0 lets the system choose.</summary>
    public int Port
    {
        get;
        init => field = CheckPort(value, nameof(Port));
    }

    /// <summary>How many of the following ports are tried when the port is taken; Spark's services try 16.</summary>
    public int PortMaxRetries { get; init; }

    /// <summary>What this node is in its cluster, told to peers; such as <c>worker</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Whether this env makes connections. One that does not answers over those that peers have made, and reaches nobody else: what comes over a connection
    /// that a peer dialled is then known to be meant.
    /// </summary>
    public bool Dials { get; init; } = true;

    /// <summary>The secrets beside those of the settings.</summary>
    internal Keyring Keyring { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The user types that messages may carry; null where none are accepted, as on a Master or Worker.</summary>
    public TypeBinder? UserTypes { get; init; }

    /// <summary>Makes the loggers. Unless given, warnings and errors go to standard error; <c>NullLoggerFactory.Instance</c> silences them.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = StandardErrorLoggerFactory.Instance;

    private static int CheckPort(int port, string name) => port is >= 0 and <= 65535
        ? port
        : throw new ArgumentOutOfRangeException(name, port, "A port is a number from 0 to 65535.");
}
