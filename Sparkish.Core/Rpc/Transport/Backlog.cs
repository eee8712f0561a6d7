namespace Sparkish.Rpc.Transport;

/// <summary>
/// What came over one connection and was not handled yet, in bytes. When it is too much, reading pauses until half of it is done, and the peer's outbox
/// takes up what it sends: so a slow endpoint costs bounded memory on both sides. One receive loop adds; any thread takes off.
/// </summary>
internal sealed class Backlog(long maxBytes)
{
    /// <summary>What a message takes in memory beside its bytes, roughly: without it a flood of tiny ones would take many times the bound.</summary>
    public const int MessageBytes = 128;

    private long _added; // the receive loop's own
    private long _handled;
    private TaskCompletionSource? _room;
    private volatile bool _closed;

    /// <summary>A message was handed over.</summary>
    public void Add(int bytes) => _added += bytes + MessageBytes;

    /// <summary>A message was handled, or dropped.</summary>
    public void Handled(int bytes)
    {
        var handled = Interlocked.Add(ref _handled, bytes + MessageBytes);
        if (Volatile.Read(ref _room) is { } room && Volatile.Read(ref _added) - handled <= maxBytes / 2) room.TrySetResult();
    }

    /// <summary>Waits for room if there is none. Called by the receive loop.</summary>
    public ValueTask WhenRoomAsync() => _added - Volatile.Read(ref _handled) <= maxBytes ? ValueTask.CompletedTask : new ValueTask(PauseAsync());

    /// <summary>Lets the receive loop go.</summary>
    public void Close()
    {
        _closed = true;
        Volatile.Read(ref _room)?.TrySetResult();
    }

    private async Task PauseAsync()
    {
        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _room, room);
        Interlocked.MemoryBarrier(); // pairs with Handled: it sees the completion, or its bytes are seen here
        if (_closed || _added - Volatile.Read(ref _handled) <= maxBytes / 2) room.TrySetResult();
        await room.Task.ConfigureAwait(false);
        Volatile.Write(ref _room, null);
    }
}
