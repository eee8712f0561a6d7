using Sparkish.Compute;
using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>The env of tasks that can read and write shuffles: all tasks but those of tests.</summary>
internal sealed record ShuffleEnv(
    string ExecutorId, SparkConf Conf, RpcEnv Rpc, SerializationContext Serialization, ShuffleStore Shuffle, MapOutputClient MapOutputs)
    : SparkEnv(ExecutorId, Conf, Rpc, Serialization)
{
    /// <summary>The memory limit of each of its tasks.</summary>
    public ShuffleMemory ShuffleMemory { get; init; } = ShuffleMemory.From(Conf, Environment.ProcessorCount);

    /// <summary>The env of a task that reads or writes a shuffle.</summary>
    public static ShuffleEnv Of(TaskContext context) => (ShuffleEnv)context.Env;
}
