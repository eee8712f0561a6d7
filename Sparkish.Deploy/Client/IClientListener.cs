using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Hears from the cluster through a <see cref="ClientEndpoint"/>; called by one message at a time, must not block.</summary>
internal interface IClientListener
{
    /// <summary>The cluster has taken the application.</summary>
    /// <param name="app">Its id.</param>
    /// <param name="secret">What its driver and executors prove to each other.</param>
    /// <param name="master">Where the master is that has it.</param>
    void Connected(ApplicationId app, ApplicationSecret secret, RpcAddress master);

    /// <summary>The master has told a worker to start an executor.</summary>
    void ExecutorAdded(int executor);

    /// <summary>No master took the application, or the one that had it gave it up.</summary>
    /// <param name="reason">One sentence for people.</param>
    void Dead(string reason);

    /// <summary>The master that has the application is lost, and has ended the application on its side: it starts no further executors.</summary>
    void MasterLost(RpcAddress master);

    /// <summary>An executor has ended.</summary>
    /// <param name="executor">Its number.</param>
    /// <param name="message">What the cluster knows of it, for people.</param>
    /// <param name="exitStatus">The exit status of its process, if it is known.</param>
    /// <param name="workerHost">Set when the whole worker was lost.</param>
    void ExecutorEnded(int executor, string message, int? exitStatus, string? workerHost);
}
