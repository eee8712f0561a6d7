using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// Executes a journal's work in order, as a pipeline of transactions. Each changes the head from the version that its predecessor leaves, so none succeeds
/// without its predecessors. None succeeds once another writer has opened the journal, which skips more versions than are pending.
/// </summary>
/// <remarks>
/// If a connection breaks, the head shows how many of the pending transactions were done; these are acknowledged and the others are sent again. That is safe:
/// once a session is at its next server, or has expired, the servers reject requests still in transit through the old one.
/// </remarks>
internal sealed class ZooKeeperGroupWriter : IGroupWriter
{
    /// <summary>Maximum number of pending transactions; work that arrives meanwhile is collected into one transaction.</summary>
    public const int MaxUnderWay = 8;

    private const int MaxBytesUnderWay = 2 << 20;

    // Maximum number of consecutive connection losses without progress: servers close connections that exceed their jute.maxbuffer.
    private const int MaxFruitlessTries = 10;

    private readonly JournalNodes _nodes;
    private readonly CancellationToken _givesUp;
    private readonly Queue<JournalTransaction> _underWay = new();

    // As they are after all transactions under way:
    private JournalHead _head;
    private int _version;
    private long? _group;
    private int _groupCount;

    // The state after the last acknowledged transaction:
    private JournalHead _doneHead;
    private int _doneVersion;
    private int _fruitlessTries;

    /// <param name="nodes">The journal's.</param>
    /// <param name="opened">The result of opening it.</param>
    /// <param name="givesUp">Fails the work of a lost connection instead of waiting for the next.</param>
    public ZooKeeperGroupWriter(JournalNodes nodes, OpenedJournal opened, CancellationToken givesUp)
    {
        (_nodes, _givesUp) = (nodes, givesUp);
        (_head, _version, _group, _groupCount) = (opened.Head, opened.Version, opened.Group, opened.GroupCount);
        (_doneHead, _doneVersion) = (_head, _version);
    }

    /// <summary>Fewer than usual while large ones are pending: the servers keep them all in memory, and those of many journals add up.</summary>
    public int Window => _underWay.Sum(static transaction => transaction.Bytes) < MaxBytesUnderWay ? MaxUnderWay : _underWay.Count;

    /// <summary>The number that the servers gave the last acknowledged transaction; 0 where its answer was lost and the head told that it was done.</summary>
    public long LastZxid { get; private set; }

    public Task Outcome => _underWay.Peek().Sent;

    /// <summary>The batches that fit into one node.</summary>
    public bool Fits(CommitGroup group, AppendWork next) =>
        BatchFormat.SizeOf(group.EventCount + next.Events.Count, group.Bytes + next.Bytes) <= JournalNodes.MaxNodeBytes;

    public async Task BeginAsync(CommitGroup group)
    {
        JournalTransaction transaction;
        try
        {
            transaction = group.Other is ChangeWork change
                ? Next(change.Change(_head), change.Operations, bytes: 0)
                : await AppendAsync(group).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(_nodes.Name, e);
        }

        _underWay.Enqueue(transaction);
        transaction.Send(_nodes.Sessions.Current());
    }

    public async Task<int> SettleAsync()
    {
        try
        {
            var results = await _underWay.Peek().Sent.ConfigureAwait(false);
            ConfirmOldest(results[0].Stat?.Mzxid ?? 0);
            return 1;
        }
        catch (ZooKeeperException e) when (e.IsDisconnection || e.Error is ZooKeeperError.BadVersion or ZooKeeperError.Closing)
        {
            return await ResolveAsync(e).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(_nodes.Name, e);
        }
    }

    private async Task<JournalTransaction> AppendAsync(CommitGroup group)
    {
        var (first, count) = (_head.LastSequence + 1, group.EventCount);
        var bytes = BatchFormat.Encode(_head.Epoch, first, group.Appends.SelectMany(static append => append.Events), count);
        var batch = new BatchNode(first, count, bytes.Length, null, 0);
        if (bytes.Length > JournalNodes.MaxNodeBytes)
        {
            batch = batch with { Blob = $"{_head.Writer}.b{first}" };
            batch = batch with { Parts = await _nodes.WritePartsAsync(batch.Blob, bytes, _givesUp).ConfigureAwait(false) };
            bytes = [];
        }

        var operations = new List<ZooKeeperOperation>();
        var acl = _nodes.Sessions.Options.Acl;
        if (_group is null || _groupCount >= JournalNodes.GroupSize)
        {
            (_group, _groupCount) = (first, 0);
            operations.Add(new ZooKeeperOperation.Create(_nodes.Group(first), default, acl));
        }

        _groupCount++;
        operations.Add(new ZooKeeperOperation.Create(_nodes.Batch(_group.Value, batch), bytes, acl));
        return Next(_head with { LastSequence = batch.Last }, operations, bytes.Length);
    }

    private JournalTransaction Next(JournalHead head, IReadOnlyList<ZooKeeperOperation> operations, int bytes)
    {
        var transaction = new JournalTransaction([.. head.SetFrom(_nodes.Head, _version), .. operations], head, bytes);
        (_head, _version) = (head, JournalHead.NextVersion(_version));
        return transaction;
    }

    // The head's version shows which pending transactions were done.
    private async Task<int> ResolveAsync(ZooKeeperException failure)
    {
        foreach (var transaction in _underWay) await ((Task)transaction.Sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _givesUp.ThrowIfCancellationRequested();
        var (head, version) = await _nodes.ReadHeadAsync(_givesUp).ConfigureAwait(false);
        if (head.Writer != _head.Writer) throw new StaleEpochException(_nodes.Name, _head.Epoch, head.Epoch);

        var (done, at) = (0, _doneVersion);
        for (; at != version && done < _underWay.Count; done++) at = JournalHead.NextVersion(at);

        var isOurs = at == version && head == (done == 0 ? _doneHead : _underWay.ElementAt(done - 1).Head);
        if (!isOurs && head.LastSequence < _doneHead.LastSequence)
            throw JournalFailures.Shorter(_nodes.Head, _doneHead.LastSequence, head.LastSequence);
        if (!isOurs || (done == 0 && failure.Error == ZooKeeperError.BadVersion))
            throw new JournalCorruptException(
                $"ZooKeeper's node {_nodes.Head} was changed by another client than the writer of the journal: its version is {version}. Let only Sparkish write there.", failure);

        for (var i = 0; i < done; i++) ConfirmOldest(zxid: 0);
        if (++_fruitlessTries > MaxFruitlessTries)
            throw new JournalException(
                $"ZooKeeper loses the connection each time: {failure.Message} Its servers' jute.maxbuffer must be at least 1 MiB, which is the default.", failure);
        var client = _nodes.Sessions.Current();
        foreach (var transaction in _underWay) transaction.Send(client);
        return done;
    }

    private void ConfirmOldest(long zxid)
    {
        LastZxid = zxid;
        _doneHead = _underWay.Dequeue().Head;
        _doneVersion = JournalHead.NextVersion(_doneVersion);
        _fruitlessTries = 0;
    }
}
