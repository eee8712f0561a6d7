using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The cost of received but unhandled messages of one connection: the last limit, if many endpoints are busy at once or the peer knows no grants
/// (<see cref="ReceiveWindow"/>). Above it reading pauses until half of it is handled. One receive loop adds; any thread subtracts.
/// </summary>
/// <param name="maxBytes">The bound.</param>
/// <param name="completions">Runs the receive loop after a pause.</param>
internal sealed class Backlog(long maxBytes, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
{
    private long _added; // the receive loop's own
    private long _handled;
    private TaskCompletionSource<bool>? _room;
    private volatile bool _closed;

    /// <summary>A message was handed over.</summary>
    public void Add(int cost) => _added += cost;

    /// <summary>Messages were handled, or dropped.</summary>
    public void Handled(long cost)
    {
        var handled = Interlocked.Add(ref _handled, cost);
        if (Volatile.Read(ref _room) is { } room && Volatile.Read(ref _added) - handled <= maxBytes / 2) room.TrySetResult(true);
    }

    /// <summary>Waits until there is room. Called by the receive loop.</summary>
    public ValueTask WhenRoomAsync() => _added - Volatile.Read(ref _handled) <= maxBytes ? ValueTask.CompletedTask : new ValueTask(PauseAsync());

    /// <summary>Releases the receive loop.</summary>
    public void Close()
    {
        _closed = true;
        Volatile.Read(ref _room)?.TrySetResult(true);
    }

    private async Task PauseAsync()
    {
        var room = new TaskCompletionSource<bool>(completions);
        Volatile.Write(ref _room, room);
        Interlocked.MemoryBarrier(); // pairs with Handled: it sees the completion, or its bytes are seen here
        if (_closed || _added - Volatile.Read(ref _handled) <= maxBytes / 2) room.TrySetResult(true);
        await room.Task.ConfigureAwait(false);
        Volatile.Write(ref _room, null);
    }
}
