namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Something that a journal is to do, in its turn.</summary>
internal abstract class JournalWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>How much memory it holds.</summary>
    public long Bytes { get; init; }

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception error)
    {
        _done.TrySetException(error);
        _ = _done.Task.Exception; // seen, also where the caller has given up waiting
    }
}

internal sealed class AppendWork(IReadOnlyList<ReadOnlyMemory<byte>> events) : JournalWork
{
    public IReadOnlyList<ReadOnlyMemory<byte>> Events { get; } = events;

    /// <summary>What the events take in a node.</summary>
    public long NodeBytes => BatchFormat.SizeOf(Events.Count, Bytes);
}

/// <summary>Changes the head, along with other nodes.</summary>
internal sealed class ChangeWork(Func<JournalHead, JournalHead> change, IReadOnlyList<ZooKeeperOperation> operations) : JournalWork
{
    public Func<JournalHead, JournalHead> Change { get; } = change;

    public IReadOnlyList<ZooKeeperOperation> Operations { get; } = operations;
}

/// <summary>One transaction of a journal: from one version of its head to the next.</summary>
/// <param name="work">What it does.</param>
/// <param name="operations">The head's change and the others.</param>
/// <param name="head">The head afterwards.</param>
internal sealed class JournalTransaction(IReadOnlyList<JournalWork> work, IReadOnlyList<ZooKeeperOperation> operations, JournalHead head)
{
    public IReadOnlyList<JournalWork> Work { get; } = work;

    public IReadOnlyList<ZooKeeperOperation> Operations { get; } = operations;

    public JournalHead Head { get; } = head;

    public Task Sent { get; private set; } = Task.CompletedTask;

    public void Send(ZooKeeperClient client) => Sent = client.MultiAsync(Operations);
}
