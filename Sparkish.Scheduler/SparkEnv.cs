using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Rows;
using Sparkish.Shuffle;

namespace Sparkish;

/// <summary>What the tasks of one executor share.</summary>
internal sealed record SparkEnv(string ExecutorId, SparkConf Conf, RpcEnv Rpc, SerializationContext Serialization, ShuffleStore Shuffle, MapOutputClient MapOutputs)
{
    /// <summary>Writes and reads rows.</summary>
    public Serializer Serializer { get; } = SerializerFactory.Create(Conf, Serialization.Types!);
}
