namespace Sparkish.Dag;

/// <summary>The result that the thread of an action waits for: the serialized result of each partition, or the failure.</summary>
internal sealed class JobWaiter(int partitions)
{
    private readonly TaskCompletionSource<byte[][]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[][] _results = new byte[partitions][];

    /// <summary>Completes with all results in the order of the job's partitions.</summary>
    public Task<byte[][]> Completion => _completion.Task;

    public void TaskSucceeded(int position, byte[] result) => _results[position] = result;

    public void JobSucceeded() => _completion.TrySetResult(_results);

    public void JobFailed(SparkException error) => _completion.TrySetException(error);
}
