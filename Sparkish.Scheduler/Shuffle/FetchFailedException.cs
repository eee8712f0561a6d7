namespace Sparkish.Shuffle;

/// <summary>A part of a map output could not be fetched: the task fails, and the scheduler recomputes the output.</summary>
internal sealed class FetchFailedException(FetchFailure failure, Exception? innerException = null) : SparkException(failure.Message, innerException)
{
    public FetchFailure Failure { get; } = failure;
}

/// <summary>The block that could not be fetched.</summary>
/// <param name="ShuffleId">The shuffle.</param>
/// <param name="MapIndex">The map output's position; -1 when all outputs of the executor are in doubt.</param>
/// <param name="ReduceId">The partition that wanted it.</param>
/// <param name="ExecutorId">The executor of the block; null if its location was unknown.</param>
/// <param name="Message">The description of the failure.</param>
internal sealed record FetchFailure(int ShuffleId, int MapIndex, int ReduceId, string? ExecutorId, string Message);
