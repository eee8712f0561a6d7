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
            .Add<DriverStateChanged>(203, Senders.Worker)
            .Add<WorkerSchedulerStateResponse>(204, Senders.Worker)
            .Add<WorkerDecommissioning>(205, Senders.Worker)
            .Add<Heartbeat>(206, Senders.Worker)
            .Add<RegisteredWorker>(210, Senders.Master)
            .Add<RegisterWorkerFailed>(211, Senders.Master)
            .Add<ReconnectWorker>(212, Senders.Master)
            .Add<LaunchExecutor>(213, Senders.Master)
            .Add<KillExecutor>(214, Senders.Master)
            .Add<ApplicationFinished>(215, Senders.Master)
            .Add<MasterInStandby>(216, Senders.Master)
            .Add<MasterChanged>(217, Senders.Master)
            .Add<LaunchDriver>(218, Senders.Master)
            .Add<KillDriver>(219, Senders.Master)
            .Add<DecommissionWorker>(220, Senders.Master)
            .Add<RegisterApplication>(230, Senders.Driver)
            .Add<UnregisterApplication>(231, Senders.Driver)
            .Add<MasterChangeAcknowledged>(232, Senders.Driver)
            .Add<RequestExecutors>(233, Senders.Driver)
            .Add<KillExecutors>(234, Senders.Driver)
            .Add<ApplicationHeartbeat>(235, Senders.Driver)
            .Add<RegisteredApplication>(240, Senders.Master)
            .Add<ExecutorAdded>(241, Senders.Master)
            .Add<ExecutorUpdated>(242, Senders.Master)
            .Add<WorkerRemoved>(243, Senders.Master)
            .Add<ApplicationRemoved>(244, Senders.Master)
            .Add<RequestSubmitDriver>(250, Senders.Driver)
            .Add<RequestKillDriver>(251, Senders.Driver)
            .Add<RequestKillAllDrivers>(252, Senders.Node)
            .Add<RequestDriverStatus>(253, Senders.Driver)
            .Add<RequestClearCompletedDriversAndApps>(254, Senders.Node)
            .Add<RequestReadyz>(255, Senders.Driver | Senders.Node)
            .Add<RequestMasterState>(256, Senders.Driver | Senders.Node)
            .Add<DecommissionWorkersOnHosts>(257, Senders.Node)
            .Add<SubmitDriverResponse>(270, Senders.Master)
            .Add<KillDriverResponse>(271, Senders.Master)
            .Add<KillAllDriversResponse>(272, Senders.Master)
            .Add<DriverStatusResponse>(273, Senders.Master)
            .Add<MasterStateResponse>(274, Senders.Master)
            .Add<UploadPart>(280, Senders.Driver)
            .Add<FetchPart>(281, Senders.Worker)
            .Add<UploadReply>(282, Senders.Master)
            .Add<FetchedPart>(283, Senders.Master)
            .Add<RequestLog>(284, Senders.Driver | Senders.Node)
            .Add<FetchLog>(285, Senders.Master)
            .Add<LogPart>(286, Senders.Master | Senders.Worker);
    }
}
