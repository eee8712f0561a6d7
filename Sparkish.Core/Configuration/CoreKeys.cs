namespace Sparkish.Configuration;

/// <summary>The keys of the actor framework and those that every program sets.</summary>
public static class CoreKeys
{
    /// <summary><c>spark.master</c>: the cluster to run on.</summary>
    public static readonly ConfigEntry<string> Master = ConfigEntry.Text("spark.master", "",
        "The cluster to run on: local[N], local-cluster[workers,cores,MiB] or spark://host:port.");

    /// <summary><c>spark.app.name</c>: the application's name.</summary>
    public static readonly ConfigEntry<string> AppName = ConfigEntry.Text("spark.app.name", "", "Name of the application, for display.");

    /// <summary><c>spark.driver.host</c>: the address that the driver binds to and advertises.</summary>
    public static readonly ConfigEntry<string> DriverHost = ConfigEntry.Text("spark.driver.host", "127.0.0.1",
        "The address the driver binds to and advertises.");

    /// <summary><c>spark.driver.port</c>: the driver's port.</summary>
    public static readonly ConfigEntry<int> DriverPort = ConfigEntry.Int("spark.driver.port", 0, "The driver's port; 0 lets the system choose.", max: 65535);

    /// <summary><c>spark.redaction.regex</c>: the settings whose values are not shown.</summary>
    public static readonly ConfigEntry<string> RedactionRegex = ConfigEntry.Text("spark.redaction.regex", "(?i)secret|password|token|access[.]?key",
        "Regular expression for settings that logs, errors and pages do not show; it is matched against their keys and values.");

    /// <summary><c>spark.authenticate</c>: whether peers must prove that they know the cluster's secret.</summary>
    public static readonly ConfigEntry<bool> Authenticate = ConfigEntry.Bool("spark.authenticate", false,
        "Whether peers prove that they know the cluster's secret. An explicit false lets a process bind beyond loopback without it.");

    /// <summary><c>spark.rpc.askTimeout</c>: the timeout of the reply to an ask.</summary>
    public static readonly ConfigEntry<TimeSpan> AskTimeout = ConfigEntry.PositiveDuration("spark.rpc.askTimeout", TimeSpan.FromSeconds(120),
        "Time limit for the reply to an ask.", isTimer: false);

    /// <summary><c>spark.rpc.lookupTimeout</c>: the timeout of the look-up of a remote endpoint.</summary>
    public static readonly ConfigEntry<TimeSpan> LookupTimeout = ConfigEntry.PositiveDuration("spark.rpc.lookupTimeout", TimeSpan.FromSeconds(120),
        "Time limit for looking up a remote endpoint.", isTimer: false);

    /// <summary><c>spark.rpc.io.connectionTimeout</c>: the time limit for establishing a connection.</summary>
    public static readonly ConfigEntry<TimeSpan> ConnectionTimeout = ConfigEntry.PositiveDuration("spark.rpc.io.connectionTimeout", TimeSpan.FromSeconds(10),
        "Time limit for establishing a connection, including its handshake.");

    /// <summary><c>spark.rpc.message.maxSize</c>: the largest message that is sent or read.</summary>
    public static readonly ConfigEntry<long> MessageMaxSize = ConfigEntry.Bytes("spark.rpc.message.maxSize", 128L << 20,
        "Maximum size of a message that is sent or read; a number without a unit is in MiB.", 'm', min: 1 << 10);

    /// <summary><c>spark.rpc.outbox.maxBytes</c>: the maximum size of the messages that wait to be sent to one peer.</summary>
    public static readonly ConfigEntry<long> OutboxMaxBytes = ConfigEntry.Bytes("spark.rpc.outbox.maxBytes", 512L << 20,
        "Maximum size of the messages that wait to be sent to one peer. Beyond it an ask fails and a message is dropped with a warning.", min: 1 << 10);

    /// <summary><c>spark.rpc.backlog.maxBytes</c>: the maximum size of unhandled messages of one peer.</summary>
    public static readonly ConfigEntry<long> BacklogMaxBytes = ConfigEntry.Bytes("spark.rpc.backlog.maxBytes", 64L << 20,
        "Maximum size of unhandled messages from one peer to one endpoint; the peer holds further ones back. Reading from the peer pauses at four times this size over all endpoints.",
        min: 1 << 10);

    /// <summary><c>spark.rpc.buffers.maxBytes</c>: the maximum memory of all outboxes and half-read large messages of one env.</summary>
    public static readonly ConfigEntry<long> BuffersMaxBytes = ConfigEntry.Bytes("spark.rpc.buffers.maxBytes", 2L << 30,
        "Maximum memory of all outboxes and receive buffers of one env. Beyond it an ask fails, a message is dropped with a warning, and large messages are read one after the other.",
        min: 1 << 10);

    /// <summary><c>spark.rpc.io.reconnect.minPause</c>: the first pause before a peer is dialled again.</summary>
    public static readonly ConfigEntry<TimeSpan> ReconnectMinPause = ConfigEntry.Duration("spark.rpc.io.reconnect.minPause", TimeSpan.FromMilliseconds(50),
        "Pause after the first failure to dial a peer; it doubles with each further failure, with jitter.");

    /// <summary><c>spark.rpc.io.reconnect.maxPause</c>: the longest pause between two attempts to dial a peer.</summary>
    public static readonly ConfigEntry<TimeSpan> ReconnectMaxPause = ConfigEntry.PositiveDuration("spark.rpc.io.reconnect.maxPause", TimeSpan.FromSeconds(5),
        "Longest pause between two attempts to dial a peer.");

    /// <summary><c>spark.rpc.io.keepAliveInterval</c>: the idle time after which a connection sends a keep-alive.</summary>
    public static readonly ConfigEntry<TimeSpan> KeepAliveInterval = ConfigEntry.PositiveDuration("spark.rpc.io.keepAliveInterval", TimeSpan.FromSeconds(10),
        "Idle time after which a connection sends a keep-alive.");

    /// <summary><c>spark.rpc.io.keepAliveTimeout</c>: the silence after which a connection is closed as broken.</summary>
    public static readonly ConfigEntry<TimeSpan> KeepAliveTimeout = ConfigEntry.PositiveDuration("spark.rpc.io.keepAliveTimeout", TimeSpan.FromSeconds(30),
        "Time without data from the peer after which a connection is closed as broken. Must exceed the keepAliveInterval of this node and of every peer.");

    /// <summary>
    /// <c>spark.network.timeout</c>: the time to wait for a silent peer; the default of <c>spark.rpc.askTimeout</c> and <c>spark.rpc.lookupTimeout</c>.
    /// </summary>
    public static readonly ConfigEntry<TimeSpan> NetworkTimeout = ConfigEntry.PositiveDuration("spark.network.timeout", TimeSpan.FromSeconds(120),
        "Time to wait for a silent peer; the default of spark.rpc.askTimeout and spark.rpc.lookupTimeout.", isTimer: false);

    /// <summary><c>spark.rpc.factory</c>: the kind of env that the nodes of a cluster create.</summary>
    public static readonly ConfigEntry<string> RpcFactory = ConfigEntry.Text("spark.rpc.factory", "network",
        "Kind of env on all nodes of a cluster: 'network', 'akka' with the package Sparkish.Akka, or a public IRpcEnvFactory with a parameterless constructor "
            + "as 'Namespace.Type, Assembly'.");

    /// <summary><c>spark.plugins.directory</c>: the directory of plug-ins that are no part of the program.</summary>
    public static readonly ConfigEntry<string> PluginDirectory = ConfigEntry.Text("spark.plugins.directory", "",
        "Directory of the assemblies that keys name and the program does not have, with all that they need, as 'dotnet publish' puts it together. "
            + "Executors get that of their worker.");

    /// <summary>Returns the timeout of asks or look-ups, and the key that sets it: its own, or <c>spark.network.timeout</c> if only that is set.</summary>
    /// <param name="conf">The settings.</param>
    /// <param name="entry"><see cref="AskTimeout"/> or <see cref="LookupTimeout"/>.</param>
    public static (TimeSpan Timeout, string Key) TimeoutOf(SparkConf conf, ConfigEntry<TimeSpan> entry)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(entry);
        var from = conf.Contains(entry.Key) || !conf.Contains(NetworkTimeout.Key) ? entry : NetworkTimeout;
        return (conf.Get(from), from.Key);
    }
}
