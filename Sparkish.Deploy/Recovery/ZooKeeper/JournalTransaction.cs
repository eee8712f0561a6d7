using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>One transaction of a journal: from one version of its head to the next.</summary>
/// <param name="operations">The head's change and the others.</param>
/// <param name="head">The head afterwards.</param>
/// <param name="bytes">Size of its events.</param>
internal sealed class JournalTransaction(IReadOnlyList<ZooKeeperOperation> operations, JournalHead head, int bytes)
{
    /// <summary>Size of its events.</summary>
    public int Bytes => bytes;

    /// <summary>The head afterwards.</summary>
    public JournalHead Head => head;

    /// <summary>The reply to the latest attempt.</summary>
    public Task<IReadOnlyList<OperationResult>> Sent { get; private set; } = Task.FromResult<IReadOnlyList<OperationResult>>([]);

    public void Send(ZooKeeperClient client) => Sent = client.MultiAsync(operations);
}

/// <summary>Changes the head, along with other nodes.</summary>
internal sealed class ChangeWork(Func<JournalHead, JournalHead> change, IReadOnlyList<ZooKeeperOperation> operations)
    : JournalWork(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Func<JournalHead, JournalHead> Change => change;

    public IReadOnlyList<ZooKeeperOperation> Operations => operations;
}
