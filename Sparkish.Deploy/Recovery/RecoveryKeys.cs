using Sparkish.Configuration;

namespace Sparkish.Deploy.Recovery;

/// <summary>The keys of a master's recovery.</summary>
internal static class RecoveryKeys
{
    /// <summary>The environment variable that holds the credentials for ZooKeeper.</summary>
    public const string ZooKeeperCredentialsVariable = "SPARK_DEPLOY_ZOOKEEPER_CREDENTIALS";

    /// <summary>The environment variable that holds the password for the database of Akka's journal.</summary>
    public const string AkkaPasswordVariable = "SPARK_DEPLOY_AKKA_PASSWORD";

    /// <summary>The environment variable that holds the password for PostgreSQL.</summary>
    public const string PostgreSqlPasswordVariable = "SPARK_DEPLOY_POSTGRESQL_PASSWORD";

    public static readonly ConfigEntry<string> Mode = ConfigEntry.Text("spark.deploy.recoveryMode", "NONE",
        "Store of the master's state: NONE, FILESYSTEM, POSTGRESQL, ZOOKEEPER, AKKA, RAFT or CUSTOM.");

    public static readonly ConfigEntry<string> Factory = ConfigEntry.Text("spark.deploy.recoveryMode.factory", "",
        "For CUSTOM: the StandaloneRecoveryModeFactory that creates journal and election, as 'Namespace.Type, Assembly'.");

    public static readonly ConfigEntry<string> Directory = ConfigEntry.Text("spark.deploy.recoveryDirectory", "",
        "For FILESYSTEM: the directory of the journal, on a disk that outlives the master.");

    public static readonly ConfigEntry<string> ZooKeeperUrl = ConfigEntry.Text("spark.deploy.zookeeper.url", "",
        "For ZOOKEEPER: its servers as host:port, separated by commas.");

    public static readonly ConfigEntry<string> ZooKeeperDir = ConfigEntry.Text("spark.deploy.zookeeper.dir", "/spark",
        "For ZOOKEEPER: the parent node of all data.");

    public static readonly ConfigEntry<TimeSpan> ZooKeeperSessionTimeout =
        ConfigEntry.Duration("spark.deploy.zookeeper.sessionTimeout", TimeSpan.FromSeconds(10),
        "For ZOOKEEPER: silence of a leader after which another one is elected. The servers impose their own limits on it.");

    public static readonly ConfigEntry<string> ZooKeeperCredentials = ConfigEntry.Text("spark.deploy.zookeeper.credentials", "",
        "For ZOOKEEPER: 'user:password'. Its nodes are then accessible to this user alone; without it, to everybody.");

    public static readonly ConfigEntry<string> ZooKeeperCredentialsFile = ConfigEntry.Text("spark.deploy.zookeeper.credentials.file", "",
        $"For ZOOKEEPER: the file that holds 'user:password'; if neither is set, the variable {ZooKeeperCredentialsVariable} may hold it.");

    public static readonly ConfigEntry<bool> ZooKeeperTls = ConfigEntry.Bool("spark.deploy.zookeeper.ssl.enabled", false,
        "For ZOOKEEPER: whether connections use TLS, to the servers' secureClientPort.");

    public static readonly ConfigEntry<string> ZooKeeperTrusted = ConfigEntry.Text(ZooKeeper.ZooKeeperTls.TrustedKey, "",
        "For ZOOKEEPER with TLS: a PEM file of the authorities that signed the servers' certificates; the system's authorities unless set.");

    public static readonly ConfigEntry<string> ZooKeeperCertificate = ConfigEntry.Text(ZooKeeper.ZooKeeperTls.CertificateKey, "",
        "For ZOOKEEPER with TLS: a PEM file of the master's own certificate, which servers require unless their ssl.clientAuth is off.");

    public static readonly ConfigEntry<string> ZooKeeperPrivateKey = ConfigEntry.Text(ZooKeeper.ZooKeeperTls.PrivateKeyKey, "",
        "For ZOOKEEPER with TLS: a PEM file of the private key of the master's certificate.");

    public static readonly ConfigEntry<string> PostgreSqlUrl = ConfigEntry.Text("spark.deploy.postgresql.url", "",
        "For POSTGRESQL: the connection, as 'Host=…;Database=…;Username=…;Password=…'.");

    public static readonly ConfigEntry<string> PostgreSqlPassword = ConfigEntry.Text("spark.deploy.postgresql.password", "",
        "For POSTGRESQL: the password, if the connection has none. Prefer a file or an environment variable.");

    public static readonly ConfigEntry<string> PostgreSqlPasswordFile = ConfigEntry.Text("spark.deploy.postgresql.password.file", "",
        $"For POSTGRESQL: the file that holds the password; if neither is set, the variable {PostgreSqlPasswordVariable} may hold it.");

    public static readonly ConfigEntry<string> PostgreSqlSchema = ConfigEntry.Text("spark.deploy.postgresql.schema", "sparkish",
        "For POSTGRESQL: the schema of the tables, created at first use.");

    public static readonly ConfigEntry<TimeSpan> PostgreSqlSessionTimeout =
        ConfigEntry.Duration("spark.deploy.postgresql.sessionTimeout", TimeSpan.FromSeconds(3),
        "For POSTGRESQL: silence of a leader after which another one is elected.");

    public static readonly ConfigEntry<string> AkkaUrl = ConfigEntry.Text("spark.deploy.akka.url", "",
        "For AKKA with Akka.Persistence.Sql: the connection, as 'Host=…;Database=…;Username=…' or 'Data Source=journals.db'.");

    public static readonly ConfigEntry<string> AkkaProvider = ConfigEntry.Text("spark.deploy.akka.provider", "",
        "For AKKA with Akka.Persistence.Sql: linq2db's name of the database, such as PostgreSQL.15 or SQLite.MS.");

    public static readonly ConfigEntry<string> AkkaPassword = ConfigEntry.Text("spark.deploy.akka.password", "",
        "For AKKA: the password, if the connection has none. Prefer a file or an environment variable.");

    public static readonly ConfigEntry<string> AkkaPasswordFile = ConfigEntry.Text("spark.deploy.akka.password.file", "",
        $"For AKKA: the file that holds the password; if neither is set, the variable {AkkaPasswordVariable} may hold it.");

    public static readonly ConfigEntry<string> AkkaConf = ConfigEntry.Text("spark.deploy.akka.conf", "",
        "For AKKA: a file of HOCON for the actor system of the journal and its plugins, laid over the settings that follow from other keys.");

    public static readonly ConfigEntry<string> AkkaPrefix = ConfigEntry.Text("spark.deploy.akka.prefix", "sparkish",
        "For AKKA: the beginning of all persistence ids. Clusters that share a database need one each.");

    public static readonly ConfigEntry<string> AkkaElection = ConfigEntry.Text("spark.deploy.akka.election", "NONE",
        "For AKKA: election of the leader: NONE for a single master, POSTGRESQL or ZOOKEEPER with their own keys.");

    public static readonly ConfigEntry<string> RaftMembers = ConfigEntry.Text(Raft.RaftOptions.MembersKey, "",
        "For RAFT: the Raft addresses of all masters as host:port, separated by commas; three, five or seven, equal on every master.");

    public static readonly ConfigEntry<string> RaftAddress = ConfigEntry.Text(Raft.RaftOptions.AddressKey, "",
        "For RAFT: this master's own entry of spark.deploy.raft.members, where it also listens.");

    public static readonly ConfigEntry<string> RaftDirectory = ConfigEntry.Text("spark.deploy.raft.directory", "",
        "For RAFT: the directory of this master's log, on a local disk of its own that honours flushes.");

    public static readonly ConfigEntry<TimeSpan> RaftElectionTimeout = ConfigEntry.PositiveDuration(Raft.RaftOptions.ElectionTimeoutKey,
        TimeSpan.FromSeconds(1), "For RAFT: silence of a leader after which another one is elected; 100ms to 1min, equal on every master.");

    public static readonly ConfigEntry<TimeSpan> RaftAppendTimeout = ConfigEntry.PositiveDuration("spark.deploy.raft.appendTimeout",
        TimeSpan.FromSeconds(10), "For RAFT: time limit for a majority to store an event; the append then fails.");
}
