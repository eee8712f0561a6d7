#pragma warning disable MA0048 // the grains and their messages belong together
using Orleans.Concurrency;
using Sparkish.Benchmarks.Rpc.Loads;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>The message of asks and one-way calls, as in the other sides.</summary>
[GenerateSerializer, Immutable]
public sealed record OrleansPayload([property: Id(0)] long Sequence, [property: Id(1)] byte[] Body)
{
    /// <summary>A payload of a number of bytes, the number included.</summary>
    public static OrleansPayload OfBytes(int bytes) => new(0, new byte[bytes - sizeof(long)]);
}

/// <summary>The message of local one-way calls.</summary>
[GenerateSerializer, Immutable]
public sealed record OrleansTick([property: Id(0)] long Sequence, [property: Id(1)] long First, [property: Id(2)] long Second, [property: Id(3)] long Third);

/// <summary>Answers each question with the question.</summary>
public interface IEchoGrain : IGrainWithIntegerKey
{
    /// <summary>Answers with the question.</summary>
    Task<OrleansPayload> EchoAsync(OrleansPayload question);
}

/// <summary>Counts what is sent to it.</summary>
public interface ICountGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a message and answers nothing.</summary>
    [OneWay]
    Task TakeAsync(OrleansPayload message);

    /// <summary>Number of messages since the grain's start, as soon as there are so many: Orleans does not keep the order of calls.</summary>
    [AlwaysInterleave]
    Task<long> CountAsync(long atLeast);
}

/// <summary>Counts where its producer, in the same process, sees it.</summary>
public interface ITickGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a message and answers nothing.</summary>
    [OneWay]
    Task TakeAsync(OrleansTick message);
}

internal sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<OrleansPayload> EchoAsync(OrleansPayload question) => Task.FromResult(question);
}

internal sealed class CountGrain : Grain, ICountGrain
{
    private readonly PriorityQueue<TaskCompletionSource<long>, long> _waits = new();
    private long _count;

    public Task TakeAsync(OrleansPayload message)
    {
        _count++;
        while (_waits.TryPeek(out var wait, out var atLeast) && atLeast <= _count)
        {
            _waits.Dequeue();
            wait.SetResult(_count);
        }

        return Task.CompletedTask;
    }

    public Task<long> CountAsync(long atLeast)
    {
        if (_count >= atLeast) return Task.FromResult(_count);
        var wait = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Enqueue(wait, atLeast);
        return wait.Task;
    }
}

internal sealed class TickGrain(TickCounts counts) : Grain, ITickGrain
{
    private readonly HandledCount _handled = counts.Current;

    public Task TakeAsync(OrleansTick message)
    {
        _handled.Handled();
        return Task.CompletedTask;
    }
}

/// <summary>The count of the measurement that runs.</summary>
internal sealed class TickCounts
{
    public HandledCount Current { get; set; } = new();
}
