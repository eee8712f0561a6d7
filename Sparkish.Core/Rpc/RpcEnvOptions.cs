using Microsoft.Extensions.Logging;
using Sparkish.Diagnostics;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc;

/// <summary>Options of a new env.</summary>
/// <param name="Name">The env's name.</param>
/// <param name="Conf">The settings; keys <c>spark.rpc.*</c>.</param>
/// <param name="Messages">The message types that may cross the wire.</param>
public sealed record RpcEnvOptions(string Name, SparkConf Conf, MessageRegistry Messages)
{
    /// <summary>Options with the settings of the environment and without application messages: enough for an env without peers.</summary>
    public RpcEnvOptions(string name)
        : this(name, new SparkConf(), new MessageRegistry())
    {
    }

    /// <summary>
    /// Whether to listen. An env that does not listen is in Spark's client mode: it dials peers, which reply over its connections, but cannot be dialled. Refs
    /// to its endpoints work only on nodes that it is connected with.
    /// </summary>
    public bool Listen { get; init; } = true;

    /// <summary>The address to bind to.</summary>
    public string BindHost { get; init; } = "127.0.0.1";

    /// <summary>The advertised address; the bound one unless given.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>The advertised port, for port mapping; the bound one unless given.</summary>
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

    /// <summary>Number of subsequent ports to try if the port is in use; Spark's services try 16.</summary>
    public int PortMaxRetries { get; init; }

    /// <summary>The roles of this node in its cluster, sent to peers; such as <c>worker</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Whether this env opens connections. If not, it replies over connections that its peers open, and reaches no other node: such a connection is then known
    /// to be intended by its peer.
    /// </summary>
    public bool Dials { get; init; } = true;

    /// <summary>The secrets beside those of the settings.</summary>
    internal Keyring Keyring { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The user types that messages may carry; null if none are accepted, as on a Master or Worker.</summary>
    public TypeBinder? UserTypes { get; init; }

    /// <summary>Creates the loggers. Unless given, warnings and errors go to standard error; <c>NullLoggerFactory.Instance</c> silences them.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = StandardErrorLoggerFactory.Instance;

    private static int CheckPort(int port, string name) => port is >= 0 and <= 65535
        ? port
        : throw new ArgumentOutOfRangeException(name, port, "The port must be from 0 to 65535.");
}
