using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Receives the events of a <see cref="ClientEndpoint"/>; called for one message at a time, must not block.</summary>
internal interface IClientListener
{
    /// <summary>Called when the cluster has accepted the application.</summary>
    /// <param name="app">Its id.</param>
    /// <param name="secret">The secret that its driver and executors prove to each other.</param>
    /// <param name="master">The address of the application's master.</param>
    void Connected(ApplicationId app, ApplicationSecret secret, RpcAddress master);

    /// <summary>Called when the master has ordered a worker to start an executor.</summary>
    void ExecutorAdded(int executor);

    /// <summary>Called when no master accepted the application, or its master dropped it.</summary>
    /// <param name="reason">One sentence for people.</param>
    void Dead(string reason);

    /// <summary>Called when the application's master is lost: until another one leads, no further executor starts.</summary>
    void MasterLost(RpcAddress master);

    /// <summary>Called when the application follows a leader again, after its master was lost or another one was elected.</summary>
    void MasterFound(RpcAddress master);

    /// <summary>Called when an executor's worker takes no new work: the executor should end after its tasks.</summary>
    /// <param name="executor">Its number.</param>
    /// <param name="message">The cluster's reason, for people.</param>
    void ExecutorDecommissioned(int executor, string message);

    /// <summary>Called when an executor has ended.</summary>
    /// <param name="executor">Its number.</param>
    /// <param name="message">The cluster's description of the end, for people.</param>
    /// <param name="exitStatus">The exit status of its process, if known.</param>
    /// <param name="workerHost">Set if the whole worker was lost.</param>
    void ExecutorEnded(int executor, string message, int? exitStatus, string? workerHost);
}
