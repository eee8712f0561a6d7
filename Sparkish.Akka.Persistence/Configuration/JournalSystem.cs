using System.Data.Common;
using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Microsoft.Extensions.Logging;
using Sparkish.Akka.Configuration;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Deploy.Recovery;
using Sparkish.Diagnostics;

namespace Sparkish.Akka.Persistence.Configuration;

/// <summary>The actor system of the recovery mode AKKA: for the plugins alone, without remoting, also where the env runs on Akka.</summary>
internal static class JournalSystem
{
    private const string Name = "sparkish-journals";

    private static readonly (string Path, string Instead)[] Reserved =
    [
        ("akka.actor.provider", "it is local"),
        ("akka.actor.serializers", "only Sparkish's serializer is needed"),
        ("akka.actor.serialization-bindings", "only Sparkish's serializer is needed"),
        ("akka.remote", "this actor system has no remoting"),
    ];

    /// <exception cref="SparkException">A key is missing or wrong.</exception>
    public static ActorSystem Start(SparkConf conf, ILoggerFactory loggers)
    {
        var config = UserHocon.Read(RecoveryKeys.AkkaConf.Key, conf.Get(RecoveryKeys.AkkaConf), Reserved)
            .WithFallback(ConfigurationFactory.ParseString(SqlOf(conf))).WithFallback(ConfigurationFactory.ParseString(Base()));
        if (config.GetString("akka.persistence.journal.plugin", "").Length == 0)
        {
            throw new SparkException(
                $"{RecoveryKeys.Mode.Key} is AKKA, so {RecoveryKeys.AkkaUrl.Key} or {RecoveryKeys.AkkaConf.Key} must be set. {RecoveryKeys.AkkaUrl.Doc} {RecoveryKeys.AkkaConf.Doc}");
        }

        try
        {
            return ActorSystem.Create(Name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new JournalLoggers(loggers)));
        }
        catch (Exception error) when (error is not SparkException)
        {
            throw new SparkException($"The actor system of {RecoveryKeys.Mode.Key}=AKKA cannot start: {ExceptionText.MessageOf(error.GetBaseException())}", error);
        }
    }

    private static string Base() => string.Create(CultureInfo.InvariantCulture, $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["{{NameOf<JournalLogger>()}}"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown {
            run-by-clr-shutdown-hook = off
            exit-clr = off
          }
          scheduler.tick-duration = 100ms
          actor {
            provider = local
            serializers.json = "{{NameOf<NoOtherSerializer>()}}"
          }
          persistence {
            journal-plugin-fallback {
              replay-filter.mode = off
              circuit-breaker.reset-timeout = 1s
            }
            snapshot-store-plugin-fallback.circuit-breaker.reset-timeout = 1s
          }
        }
        {{StoredBytesSerializer.Settings}}

        """);

    private static string SqlOf(SparkConf conf)
    {
        var url = conf.Get(RecoveryKeys.AkkaUrl);
        if (url.Length == 0) return "";
        var provider = conf.Get(RecoveryKeys.AkkaProvider);
        if (provider.Length == 0)
            throw new SparkException($"{RecoveryKeys.AkkaUrl.Key} is set, so {RecoveryKeys.AkkaProvider.Key} must be set. {RecoveryKeys.AkkaProvider.Doc}");
        var connection = $"connection-string = {Quoted(WithPassword(url, conf))}, provider-name = {Quoted(provider)}";
        return $$"""
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", {{connection}} }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql { class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql", {{connection}} }
              }
            }
            """;
    }

    private static string WithPassword(string url, SparkConf conf)
    {
        if (RecoveryMode.AkkaPasswordOf(conf) is not { } password) return url;
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = url, ["Password"] = password }.ConnectionString;
        }
        catch (ArgumentException error)
        {
            // Neither text holds the value, which may have a password.
            throw new SparkException($"{RecoveryKeys.AkkaUrl.Key} must be a connection, as 'Host=…;Database=…;Username=…'.", error);
        }
    }

    private static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
