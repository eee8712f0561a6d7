using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Configuration;
using Sparkish.Deploy.Recovery.PostgreSql;
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
                        new SingleLeaderElection()),
            "POSTGRESQL" => PostgreSql(conf, mode, time, loggers),
            "ZOOKEEPER" => ZooKeeper(conf, mode, time, loggers),
            "CUSTOM" => Custom(conf, mode, time, loggers),
            _ => throw new SparkException($"{RecoveryKeys.Mode.Key} is '{mode}' but must be NONE, FILESYSTEM, POSTGRESQL, ZOOKEEPER or CUSTOM."),
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

    private static string? PasswordOf(SparkConf conf, ConfigEntry<string> value, ConfigEntry<string> file, string variable) => Password.Find(
        conf.Contains(value.Key) ? (value.Key, conf.Get(value)) : null, conf.Contains(file.Key) ? (file.Key, conf.Get(file)) : null, variable,
        Environment.GetEnvironmentVariable, NullLogger.Instance);

    private static RecoveryMode PostgreSql(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        var limits = AppendLimits.From(conf);
        var (given, schema) = (Needed(conf, RecoveryKeys.PostgreSqlUrl, mode), Needed(conf, RecoveryKeys.PostgreSqlSchema, mode));
        var url = PostgreSqlConnectionOf(given, conf);
        return Checked(RecoveryKeys.PostgreSqlUrl, () => new RecoveryMode(
            new PostgreSqlJournalStore(url, schema, time, loggers.CreateLogger<PostgreSqlJournalStore>(), limits),
            new PostgreSqlElection(url, schema, Name, conf.Get(RecoveryKeys.PostgreSqlSessionTimeout), time, loggers.CreateLogger<PostgreSqlElection>())));
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

    private static RecoveryMode Custom(SparkConf conf, string mode, TimeProvider time, ILoggerFactory loggers)
    {
        Needed(conf, RecoveryKeys.Factory, mode);
        var factory = PluginType.Create<StandaloneRecoveryModeFactory>(conf, RecoveryKeys.Factory);
        return new RecoveryMode(factory.CreateJournalStore(conf, time, loggers), factory.CreateLeaderElection(conf, time, loggers));
    }

    private static string Needed(SparkConf conf, ConfigEntry<string> entry, string mode) =>
        conf.Get(entry) is { Length: > 0 } value
            ? value
            : throw new SparkException($"{RecoveryKeys.Mode.Key} is {mode}, so {entry.Key} must be set. {entry.Doc}");

    private static RecoveryMode Checked(ConfigEntry<string> entry, Func<RecoveryMode> make)
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
