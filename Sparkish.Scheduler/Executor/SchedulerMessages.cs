using Sparkish.Serialization.Messages;
using Sparkish.Shuffle;

namespace Sparkish.Executor;

/// <summary>The messages of the compute engine that cross the wire; numbers 100 to 199.</summary>
internal static class SchedulerMessages
{
    public static MessageRegistry Register(MessageRegistry registry) => registry
        .Add<RetrieveSparkAppConfig>(100)
        .Add<SparkAppConfig>(101)
        .Add<RegisterExecutor>(102)
        .Add<StatusUpdate>(103)
        .Add<LaunchTask>(104)
        .Add<KillTask>(105)
        .Add<ForgetTaskBinary>(106)
        .Add<StopExecutor>(107)
        .Add<GetMapOutputStatuses>(110)
        .Add<MapOutputStatuses>(111);
}
