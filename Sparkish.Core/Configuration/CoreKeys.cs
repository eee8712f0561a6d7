namespace Sparkish.Configuration;

/// <summary>The keys of the actor framework and those that every program sets.</summary>
internal static class CoreKeys
{
    public static readonly ConfigEntry<string> Master = ConfigEntry.Text("spark.master", "",
        "The cluster to run on: local[N], local-cluster[workers,cores,MiB] or spark://host:port.");

    public static readonly ConfigEntry<string> AppName = ConfigEntry.Text("spark.app.name", "", "The application's name, for people.");

    public static readonly ConfigEntry<string> DriverHost = ConfigEntry.Text("spark.driver.host", "127.0.0.1",
        "The address the driver binds to and advertises.");

    public static readonly ConfigEntry<int> DriverPort = ConfigEntry.Int("spark.driver.port", 0, "The driver's port; 0 lets the system choose.", max: 65535);

    public static readonly ConfigEntry<bool> Authenticate = ConfigEntry.Bool("spark.authenticate", false,
        "Whether peers prove that they know the cluster's secret. Set to false in so many words, it lets a process bind beyond loopback.");

    public static readonly ConfigEntry<TimeSpan> AskTimeout = ConfigEntry.Duration("spark.rpc.askTimeout", TimeSpan.FromSeconds(120),
        "How long an ask waits for its reply.");

    public static readonly ConfigEntry<TimeSpan> LookupTimeout = ConfigEntry.Duration("spark.rpc.lookupTimeout", TimeSpan.FromSeconds(120),
        "How long the look-up of a remote endpoint waits.");

    public static readonly ConfigEntry<TimeSpan> ConnectionTimeout = ConfigEntry.Duration("spark.rpc.io.connectionTimeout", TimeSpan.FromSeconds(10),
        "How long a connection may take to be made, its handshake included.");

    public static readonly ConfigEntry<long> MessageMaxSize = ConfigEntry.Bytes("spark.rpc.message.maxSize", 128L << 20,
        "The largest message that is sent or read; a number without a unit is in MiB.", 'm');

    public static readonly ConfigEntry<long> OutboxMaxBytes = ConfigEntry.Bytes("spark.rpc.outbox.maxBytes", 512L << 20,
        "The most that waits to be sent to one peer; beyond it an ask fails and a message is dropped with a warning.");

    public static readonly ConfigEntry<long> BacklogMaxBytes = ConfigEntry.Bytes("spark.rpc.backlog.maxBytes", 64L << 20,
        "The most that was received from one peer and not handled yet; beyond it reading from that peer pauses.");

    public static readonly ConfigEntry<TimeSpan> ReconnectMinPause = ConfigEntry.Duration("spark.rpc.io.reconnect.minPause", TimeSpan.FromMilliseconds(50),
        "How long dialling a peer pauses after a failure; twice as long after each further one, with jitter.");

    public static readonly ConfigEntry<TimeSpan> ReconnectMaxPause = ConfigEntry.Duration("spark.rpc.io.reconnect.maxPause", TimeSpan.FromSeconds(5),
        "The longest pause between two tries to dial a peer.");

    public static readonly ConfigEntry<TimeSpan> KeepAliveInterval = ConfigEntry.Duration("spark.rpc.io.keepAliveInterval", TimeSpan.FromSeconds(10),
        "After how long without anything to send a connection sends a sign of life.");

    public static readonly ConfigEntry<TimeSpan> KeepAliveTimeout = ConfigEntry.Duration("spark.rpc.io.keepAliveTimeout", TimeSpan.FromSeconds(30),
        "After how long without a sign of life a connection is taken for broken and closed.");

    public static readonly ConfigEntry<TimeSpan> NetworkTimeout = ConfigEntry.Duration("spark.network.timeout", TimeSpan.FromSeconds(120),
        "How long a silent peer is waited for; the default of spark.rpc.askTimeout and spark.rpc.lookupTimeout.");
}
