using Sparkish.Compute;
using Sparkish.Diagnostics;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Executor;

/// <summary>The outcome of a task attempt, in the form that a <see cref="StatusUpdate"/> carries.</summary>
internal readonly record struct TaskOutcome(TaskState State, byte[] Data)
{
    public static TaskOutcome Of(Exception error, SerializationContext? context = null) => error switch
    {
        TaskKilledException e => Write(TaskState.Killed, new TaskKilled(e.Reason)),
        FetchFailedException { Failure: var f } => Write(TaskState.FetchFailed, new FetchFailed(f.ShuffleId, f.MapIndex, f.ReduceId, f.ExecutorId, f.Message)),
        _ => Write(TaskState.Failed, new ExceptionFailure(
            error.GetType().FullName!, ExceptionText.MessageOf(error), ExceptionText.StackTraceOf(error) ?? "", TrySerialize(error, context))),
    };

    /// <summary>The outcome of a failure that cannot be described.</summary>
    public static TaskOutcome Undescribed(Type type) =>
        Write(TaskState.Failed, new ExceptionFailure(type.FullName ?? type.Name, "(failed to describe itself)", "", []));

    public TaskEndReason ToReason() => State switch
    {
        TaskState.Finished => new TaskSucceeded(Data),
        TaskState.Failed => Read<ExceptionFailure>(Data),
        TaskState.FetchFailed => Read<FetchFailed>(Data),
        TaskState.Killed => Read<TaskKilled>(Data),
        _ => throw new SerializationException($"{State} is not a state of a task."),
    };

    private static TaskOutcome Write<T>(TaskState state, T reason)
    {
        var writer = new ByteWriter();
        Codec.For<T>().Write(writer, reason);
        return new TaskOutcome(state, writer.ToArray());
    }

    private static T Read<T>(byte[] data)
    {
        var reader = new ByteReader(data);
        return Codec.For<T>().Read(ref reader);
    }

    private static byte[] TrySerialize(Exception error, SerializationContext? context)
    {
        try
        {
            return ObjectSerializer.Serialize(error, context);
        }
        catch (Exception)
        {
            // Its fields and surrogates are user code and may throw anything; the text is sent in any case.
            return [];
        }
    }
}
