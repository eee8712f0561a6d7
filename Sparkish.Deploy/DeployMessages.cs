using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy;

/// <summary>The numbers of the cluster manager's messages on the wire, 200 to 299, each with its senders.</summary>
internal static class DeployMessages
{
    /// <summary>Registers all messages between masters, workers and clients.</summary>
    public static MessageRegistry Register(MessageRegistry messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages
            .Add<RegisterWorker>(200, Senders.Worker)
            .Add<WorkerLatestState>(201, Senders.Worker)
            .Add<ExecutorStateChanged>(202, Senders.Worker)
            .Add<RegisteredWorker>(210, Senders.Master)
            .Add<RegisterWorkerFailed>(211, Senders.Master)
            .Add<ReconnectWorker>(212, Senders.Master)
            .Add<LaunchExecutor>(213, Senders.Master)
            .Add<KillExecutor>(214, Senders.Master)
            .Add<ApplicationFinished>(215, Senders.Master)
            .Add<RegisterApplication>(230, Senders.Driver)
            .Add<UnregisterApplication>(231, Senders.Driver)
            .Add<RegisteredApplication>(240, Senders.Master)
            .Add<ExecutorAdded>(241, Senders.Master)
            .Add<ExecutorUpdated>(242, Senders.Master)
            .Add<WorkerRemoved>(243, Senders.Master)
            .Add<ApplicationRemoved>(244, Senders.Master);
    }
}
