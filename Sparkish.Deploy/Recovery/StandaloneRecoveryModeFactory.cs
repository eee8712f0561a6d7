using Microsoft.Extensions.Logging;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery;

/// <summary>
/// Creates a master's journal store and leader election for <c>spark.deploy.recoveryMode=CUSTOM</c>: derive from it, with a public constructor without
/// parameters, and name the type in <c>spark.deploy.recoveryMode.factory</c>. Each method is called once per master.
/// </summary>
public abstract class StandaloneRecoveryModeFactory
{
    /// <summary>
    /// Creates the store of the master's journal; the master disposes it. It must reject writers of an earlier epoch, as described at <see cref="IJournal"/>.
    /// </summary>
    /// <param name="conf">The master's settings.</param>
    /// <param name="time">The master's clock.</param>
    /// <param name="loggers">Creates loggers.</param>
    public abstract IJournalStore CreateJournalStore(SparkConf conf, TimeProvider time, ILoggerFactory loggers);

    /// <summary>Creates the election; the master disposes it. <see cref="SingleLeaderElection"/> unless overridden.</summary>
    /// <param name="conf">The master's settings.</param>
    /// <param name="time">The master's clock.</param>
    /// <param name="loggers">Creates loggers.</param>
    public virtual ILeaderElection CreateLeaderElection(SparkConf conf, TimeProvider time, ILoggerFactory loggers) => new SingleLeaderElection();
}
