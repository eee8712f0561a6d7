using Sparkish.Serialization;

namespace Sparkish.Compute;

/// <summary>What all tasks of a stage do. Travels once per stage to each executor; each task runs a copy of its own.</summary>
internal abstract class TaskOperation
{
    /// <summary>Does it for one partition and writes the result for the driver.</summary>
    public abstract void Run(Partition partition, TaskContext context, ByteWriter result);
}
