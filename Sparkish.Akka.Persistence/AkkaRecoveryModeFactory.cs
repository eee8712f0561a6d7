using Microsoft.Extensions.Logging;
using Sparkish.Akka.Persistence.Configuration;
using Sparkish.Deploy.Recovery;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence;

/// <summary>
/// Creates the journals of <c>spark.deploy.recoveryMode=AKKA</c>: an <see cref="AkkaJournalStore"/> on an actor system of its own, which
/// <c>spark.deploy.akka.*</c> describes.
/// </summary>
public sealed class AkkaRecoveryModeFactory : StandaloneRecoveryModeFactory
{
    /// <inheritdoc/>
    /// <exception cref="SparkException">A key is missing or wrong.</exception>
    public override IJournalStore CreateJournalStore(SparkConf conf, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(loggers);
        var options = new AkkaJournalOptions { Prefix = conf.Get(RecoveryKeys.AkkaPrefix), Limits = AppendLimits.From(conf) };
        var system = JournalSystem.Start(conf, loggers);
        try
        {
            return new AkkaJournalStore(system, options, time, loggers.CreateLogger<AkkaJournalStore>(), ownsSystem: true);
        }
        catch (Exception error)
        {
            _ = system.Terminate(); // it runs nothing yet
            if (error is ArgumentException) throw new SparkException($"{RecoveryKeys.AkkaPrefix.Key}, or a related key, is wrong: {error.Message}", error);
            throw;
        }
    }
}
