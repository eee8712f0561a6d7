namespace Sparkish.Shuffle;

/// <summary>A part of a map output could not be fetched: the task ends, and the scheduler recomputes the output.</summary>
internal sealed class FetchFailedException(FetchFailure failure, Exception? innerException = null) : SparkException(failure.Message, innerException)
{
    public FetchFailure Failure { get; } = failure;
}

/// <summary>What could not be fetched.</summary>
/// <param name="ShuffleId">The shuffle.</param>
/// <param name="MapIndex">The map output's position; -1 when all outputs of the executor are in doubt.</param>
/// <param name="ReduceId">The partition that wanted it.</param>
/// <param name="ExecutorId">Where it was said to lie; null when nobody knew a place.</param>
/// <param name="Message">What happened.</param>
internal sealed record FetchFailure(int ShuffleId, int MapIndex, int ReduceId, string? ExecutorId, string Message);
