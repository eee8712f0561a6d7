using Sparkish.Serialization.Messages;
using Sparkish.Shuffle;

namespace Sparkish.Executor;

/// <summary>The messages of the compute engine on the wire, numbers 100 to 199, each with its senders.</summary>
internal static class SchedulerMessages
{
    public static MessageRegistry Register(MessageRegistry registry) => registry
        .Add<RetrieveSparkAppConfig>(100, Senders.Executor)
        .Add<SparkAppConfig>(101, Senders.Driver)
        .Add<RegisterExecutor>(102, Senders.Executor)
        .Add<StatusUpdate>(103, Senders.Executor)
        .Add<LaunchTask>(104, Senders.Driver)
        .Add<KillTask>(105, Senders.Driver)
        .Add<ForgetTaskBinary>(106, Senders.Driver)
        .Add<StopExecutor>(107, Senders.Driver)
        .Add<GetMapOutputStatuses>(110, Senders.Executor)
        .Add<MapOutputStatuses>(111, Senders.Driver);
}
