using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Rows;

namespace Sparkish.Compute;

/// <summary>The services that the tasks of one executor share; the shuffle adds its own.</summary>
internal record SparkEnv(string ExecutorId, SparkConf Conf, RpcEnv Rpc, SerializationContext Serialization)
{
    /// <summary>Reads the bytes that the driver wrote: operations, partitions and their rows. All other bytes come from peers.</summary>
    public SerializationContext OfDriver { get; } = Serialization.For(Trust.Own);

    /// <summary>Writes and reads rows.</summary>
    public Serializer Serializer { get; } = SerializerFactory.Create(Conf, Serialization.Types!);
}
