using Sparkish.Serialization;

namespace Sparkish.Compute;

/// <summary>The last step of a job: folds a partition into a value for the driver.</summary>
internal sealed class ResultOperation<T, TResult>(Computation<T> source, Func<PartitionReader<T>, TaskContext, TResult> function) : TaskOperation
{
    public override void Run(Partition partition, TaskContext context, ByteWriter result)
    {
        using var reader = source.Open(partition, context);
        ResultCodec.For<T, TResult>(context.Env.Serializer).Write(result, function(reader, context));
    }
}
