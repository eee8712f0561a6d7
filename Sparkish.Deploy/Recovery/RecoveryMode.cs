using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Configuration;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.Raft;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;
using Sparkish.Security;

namespace Sparkish.Deploy.Recovery;

/// <summary>
/// The stores of a master's state and of its election, chosen by <c>spark.deploy.recoveryMode</c>. Created at the start; connects on first use.
/// </summary>
/// <param name="Journals">The store of the master's journal.</param>
/// <param name="Election">Elects the leader.</param>
public sealed record RecoveryMode(IJournalStore Journals, ILeaderElection Election) : IAsyncDisposable
{
    /// <summary>The name of the masters' election in one store, and of the leader's journal.</summary>
    public const string Name = "master";

    // By name: this assembly does not know Akka.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AKKA"] = "Sparkish.Akka.Persistence.AkkaRecoveryModeFactory, Sparkish.Akka.Persistence",
    };

    /// <summary>Creates the recovery mode that <c>spark.deploy.recoveryMode</c> names, for a master or for another program.</summary>
    /// <param name="conf">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Creates loggers.</param>
    /// <exception cref="SparkException">The mode is unknown, or a key that it needs is missing or wrong.</exception>
    public static RecoveryMode From(SparkConf conf, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(loggers);
        var mode = conf.Get(RecoveryKeys.Mode);
        return mode.ToUpperInvariant() switch
        {
            "NONE" => new RecoveryMode(new NoJournalStore(), new SingleLeaderElection()),
            "FILESYSTEM" =>
                new RecoveryMode(
                    new FileJournalStore(Needed(conf, RecoveryKeys.Directory, mode), new FileJournalOptions { Limits = AppendLimits.From(conf) }, loggers),
                        new DirectoryElection(Needed(conf, RecoveryKeys.Directory, mode), time, loggers.CreateLogger<DirectoryElection>())),
            "POSTGRESQL" => PostgreSql(conf, mode, time, loggers),
            "ZOOKEEPER" => ZooKeeper(conf, mode, time, loggers),
            "RAFT" => Raft(conf, mode, time, loggers),
            "AKKA" => Akka(conf, time, loggers),
            "CUSTOM" => Custom(conf, mode, time, loggers),
            _ => throw new SparkException($"{RecoveryKeys.Mode.Key} is '{mode}' but must be NONE, FILESYSTEM, POSTGRESQL, ZOOKEEPER, AKKA, RAFT or CUSTOM."),
        };
    }

    /// <summary>Resigns, then closes the journals.</summary>
    public async ValueTask DisposeAsync()
    {
        await Election.DisposeAsync().ConfigureAwait(false);
        await Journals.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Builds the options of ZooKeeper from <c>spark.deploy.zookeeper.*</c>.</summary>
    internal static ZooKeeperOptions ZooKeeperOptionsOf(string url, SparkConf conf)
    {
        var tls = conf.Get(RecoveryKeys.ZooKeeperTls)
            ? ZooKeeperTls.From(
                conf.Get(RecoveryKeys.ZooKeeperTrusted), conf.Get(RecoveryKeys.ZooKeeperCertificate), conf.Get(RecoveryKeys.ZooKeeperPrivateKey))
            : null;
        var options = ZooKeeperOptions.From(url, conf.Get(RecoveryKeys.ZooKeeperSessionTimeout),
            PasswordOf(conf, RecoveryKeys.ZooKeeperCredentials, RecoveryKeys.ZooKeeperCredentialsFile, RecoveryKeys.ZooKeeperCredentialsVariable) ?? "");
        return options with { Tls = tls };
    }

    /// <summary>Builds a connection to PostgreSQL with the password from <c>spark.deploy.postgresql.password</c>, its file or the environment.</summary>
    internal static string PostgreSqlConnectionOf(string url, SparkConf conf)
    {
        var password = PasswordOf(conf, RecoveryKeys.PostgreSqlPassword, RecoveryKeys.PostgreSqlPasswordFile, RecoveryKeys.PostgreSqlPasswordVariable);
        return password is null ? url : PostgreSqlDatabase.WithPassword(url, password);
    }

    /// <summary>Finds the password for the database of Akka's journal: <c>spark.deploy.akka.password</c>, its file or the environment.</summary>
    internal static string? AkkaPasswordOf(SparkConf conf) =>
        PasswordOf(conf, RecoveryKeys.AkkaPassword, RecoveryKeys.AkkaPasswordFile, RecoveryKeys.AkkaPasswordVariable);

    private static string? PasswordOf(SparkConf conf, ConfigEntry<string> value, ConfigEntry<string> file, string variable) => Password.Find(
        conf.Contains(value.Key) ? (value.Key, conf.Get(value)) : null, conf.Contains(file.Key) ? (file.Key, conf.Get(file)) : null, variable,
        Environment.GetEnvironmentVariable, NullLogger.Instance);

    private static RecoveryMode PostgreSql(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        var limits = AppendLimits.From(conf);
        var (url, schema) = PostgreSqlPlaceOf(conf, mode);
        return Checked(RecoveryKeys.PostgreSqlUrl, () => new RecoveryMode(
            new PostgreSqlJournalStore(url, schema, time, loggers.CreateLogger<PostgreSqlJournalStore>(), limits),
            PostgreSqlElection(url, schema, conf, time, loggers)));
    }

    private static RecoveryMode ZooKeeper(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        var limits = AppendLimits.From(conf);
        var directory = Needed(conf, RecoveryKeys.ZooKeeperDir, mode);
        return Checked(RecoveryKeys.ZooKeeperUrl, () =>
        {
            var options = ZooKeeperOptionsOf(Needed(conf, RecoveryKeys.ZooKeeperUrl, mode), conf);
            return new RecoveryMode(
                new ZooKeeperJournalStore(options, directory, time, loggers.CreateLogger<ZooKeeperJournalStore>(), limits),
                new ZooKeeperElection(options, directory, time, loggers.CreateLogger<ZooKeeperElection>()));
        });
    }

    /// <summary>Builds the options of a Raft member from <c>spark.deploy.raft.*</c>.</summary>
    internal static RaftOptions RaftOptionsOf(SparkConf conf, string mode) => RaftOptions.From(
        Needed(conf, RecoveryKeys.RaftMembers, mode), Needed(conf, RecoveryKeys.RaftAddress, mode), Needed(conf, RecoveryKeys.RaftDirectory, mode),
        conf.Get(RecoveryKeys.RaftElectionTimeout), conf.Get(RecoveryKeys.RaftAppendTimeout));

    private static RecoveryMode Raft(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        var limits = AppendLimits.From(conf);
        var member = new RaftMember(RaftOptionsOf(conf, mode), conf, time, loggers.CreateLogger<RaftMember>());
        return new RecoveryMode(new RaftJournalStore(member, ownsMember: true, limits), new RaftElection(member));
    }

    /// <summary>Akka has no election for programs without a cluster of Akka's, so another store elects the leader.</summary>
    private static RecoveryMode Akka(SparkConf conf, TimeProvider time, ILoggerFactory loggers)
    {
        var factory = PluginType.Create<StandaloneRecoveryModeFactory>(conf, RecoveryKeys.Mode, ShortNames);
        var election = AkkaElection(conf, time, loggers);
        return new RecoveryMode(factory.CreateJournalStore(conf, time, loggers), election);
    }

    private static ILeaderElection AkkaElection(SparkConf conf, TimeProvider time, ILoggerFactory loggers)
    {
        var kind = conf.Get(RecoveryKeys.AkkaElection);
        switch (kind.ToUpperInvariant())
        {
            case "NONE": return new SingleLeaderElection();
            case "POSTGRESQL":
                var (url, schema) = PostgreSqlPlaceOf(conf, kind, RecoveryKeys.AkkaElection);
                return Checked(RecoveryKeys.PostgreSqlUrl, () => PostgreSqlElection(url, schema, conf, time, loggers));
            case "ZOOKEEPER":
                return Checked(RecoveryKeys.ZooKeeperUrl, () => new ZooKeeperElection(
                    ZooKeeperOptionsOf(Needed(conf, RecoveryKeys.ZooKeeperUrl, kind, RecoveryKeys.AkkaElection), conf),
                    Needed(conf, RecoveryKeys.ZooKeeperDir, kind, RecoveryKeys.AkkaElection), time, loggers.CreateLogger<ZooKeeperElection>()));
            default: throw new SparkException($"{RecoveryKeys.AkkaElection.Key} is '{kind}' but must be NONE, POSTGRESQL or ZOOKEEPER.");
        }
    }

    private static (string Url, string Schema) PostgreSqlPlaceOf(SparkConf conf, string mode, ConfigEntry<string>? choice = null) =>
        (PostgreSqlConnectionOf(Needed(conf, RecoveryKeys.PostgreSqlUrl, mode, choice), conf), Needed(conf, RecoveryKeys.PostgreSqlSchema, mode, choice));

    private static PostgreSqlElection PostgreSqlElection(string url, string schema, SparkConf conf, TimeProvider time, ILoggerFactory loggers) =>
        new(url, schema, Name, conf.Get(RecoveryKeys.PostgreSqlSessionTimeout), time, loggers.CreateLogger<PostgreSqlElection>());

    private static RecoveryMode Custom(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        Needed(conf, RecoveryKeys.Factory, mode);
        var factory = PluginType.Create<StandaloneRecoveryModeFactory>(conf, RecoveryKeys.Factory);
        return new RecoveryMode(factory.CreateJournalStore(conf, time, loggers), factory.CreateLeaderElection(conf, time, loggers));
    }

    private static string Needed(SparkConf conf, ConfigEntry<string> entry, string mode, ConfigEntry<string>? choice = null) =>
        conf.Get(entry) is { Length: > 0 } value
            ? value
            : throw new SparkException($"{(choice ?? RecoveryKeys.Mode).Key} is {mode}, so {entry.Key} must be set. {entry.Doc}");

    private static T Checked<T>(ConfigEntry<string> entry, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new SparkException($"{entry.Key}, or a related key, is wrong: {e.Message}", e);
        }
    }
}
