using Sparkish.Compute;

namespace Sparkish.Dag;

/// <summary>A job and which of its partitions are done. Owned by <see cref="DagState"/>.</summary>
/// <param name="jobId">Numbers the jobs of a context.</param>
/// <param name="finalRdd">The RDD that is computed.</param>
/// <param name="operation">The last step of each task of the last stage.</param>
/// <param name="partitions">The partitions of the final RDD that are asked for.</param>
internal sealed class ActiveJob(int jobId, Lineage finalRdd, TaskOperation operation, int[] partitions)
{
    private readonly bool[] _finished = new bool[partitions.Length];
    private int _finishedCount;

    public int JobId { get; } = jobId;

    public Lineage FinalRdd { get; } = finalRdd;

    public TaskOperation Operation { get; } = operation;

    public bool IsFinished => _finishedCount == partitions.Length;

    /// <summary>The partitions that are still to be computed.</summary>
    public IEnumerable<int> Missing => partitions.Where((_, position) => !_finished[position]);

    /// <summary>Marks a partition as done; returns its position among those that were asked for, or -1 if it was done before or never asked for.</summary>
    public int Finish(int partition)
    {
        var position = Array.IndexOf(partitions, partition);
        if (position < 0 || _finished[position]) return -1;
        _finished[position] = true;
        _finishedCount++;
        return position;
    }
}
