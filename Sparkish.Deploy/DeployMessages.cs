using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy;

/// <summary>The numbers of the cluster manager's messages on the wire: 200 to 299.</summary>
internal static class DeployMessages
{
    /// <summary>Registers all messages between masters, workers and clients.</summary>
    public static MessageRegistry Register(MessageRegistry messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return messages
            .Add<RegisterWorker>(200)
            .Add<WorkerLatestState>(201)
            .Add<ExecutorStateChanged>(202)
            .Add<RegisteredWorker>(210)
            .Add<RegisterWorkerFailed>(211)
            .Add<ReconnectWorker>(212)
            .Add<LaunchExecutor>(213)
            .Add<KillExecutor>(214)
            .Add<ApplicationFinished>(215)
            .Add<RegisterApplication>(230)
            .Add<UnregisterApplication>(231)
            .Add<RegisteredApplication>(240)
            .Add<ExecutorAdded>(241)
            .Add<ExecutorUpdated>(242)
            .Add<WorkerRemoved>(243)
            .Add<ApplicationRemoved>(244);
    }
}
