using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <summary>Hears from the cluster through a <see cref="ClientEndpoint"/>; called by one message at a time, must not block.</summary>
internal interface IClientListener
{
    /// <summary>The cluster has taken the application.</summary>
    void Connected(ApplicationId app);

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
