using Sparkish.Serialization;

namespace Sparkish.Compute;

/// <summary>The operation of all tasks of a stage. Sent once per stage to each executor; each task runs its own copy.</summary>
internal abstract class TaskOperation
{
    /// <summary>Runs the operation for one partition and writes the result for the driver.</summary>
    public abstract void Run(Partition partition, TaskContext context, ByteWriter result);
}
