using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>A job and which of its partitions are done.</summary>
/// <param name="JobId">Numbers the jobs of a context.</param>
/// <param name="FinalRdd">What it computes.</param>
/// <param name="Operation">What each task of the last stage does.</param>
/// <param name="Partitions">The partitions of the final RDD that are asked for.</param>
/// <param name="Waiter">Who waits for it.</param>
internal sealed record ActiveJob(int JobId, Rdd FinalRdd, TaskOperation Operation, int[] Partitions, JobWaiter Waiter)
{
    private readonly bool[] _finished = new bool[Partitions.Length];
    private int _finishedCount;

    public bool IsFinished => _finishedCount == Partitions.Length;

    /// <summary>The partitions that are still to be computed.</summary>
    public IEnumerable<int> Missing => Partitions.Where((_, position) => !_finished[position]);

    /// <summary>Takes the result of a partition, the first time it comes.</summary>
    public void Finish(int partition, byte[] result)
    {
        var position = Array.IndexOf(Partitions, partition);
        if (position < 0 || _finished[position]) return;
        _finished[position] = true;
        _finishedCount++;
        Waiter.TaskSucceeded(position, result);
    }
}
