using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// Does a journal's work in order, one transaction after the other, several of them on their way at once. Each changes the head from the version that the one
/// before leaves it in: so none is done without those before it, and none at all once somebody else has opened the journal.
/// </summary>
/// <remarks>
/// Where a connection breaks, the head tells afterwards how many of the transactions under way were done; these are acknowledged and the others sent again.
/// That is safe: once a session is at its next server, or over, the servers refuse what is still on its way through the old one.
/// </remarks>
internal sealed class JournalLane
{
    // So many transactions are on their way at once; what comes meanwhile gathers, and goes together in one of them.
    private const int Window = 8;

    // So often in a row may the connection be lost without anything being done: servers close it when they are sent more than their jute.maxbuffer.
    private const int MaxFruitlessTries = 10;

    private readonly JournalNodes _nodes;
    private readonly JournalQueue _queue;
    private readonly Action<long> _onAcknowledged;
    private readonly Queue<JournalTransaction> _underWay = new();

    // As they are after all transactions under way:
    private JournalHead _head;
    private int _version;
    private long? _group;
    private int _groupCount;

    // As they are after the last one that was acknowledged:
    private JournalHead _doneHead;
    private int _doneVersion;
    private int _fruitlessTries;

    /// <param name="nodes">The journal's.</param>
    /// <param name="opened">What opening it gave.</param>
    /// <param name="queue">The work.</param>
    /// <param name="onAcknowledged">Told the last event of each transaction, before its work completes.</param>
    public JournalLane(JournalNodes nodes, OpenedJournal opened, JournalQueue queue, Action<long> onAcknowledged)
    {
        (_nodes, _queue, _onAcknowledged) = (nodes, queue, onAcknowledged);
        (_head, _version, _group, _groupCount) = (opened.Head, opened.Version, opened.Group, opened.GroupCount);
        (_doneHead, _doneVersion) = (_head, _version);
    }

    /// <summary>Works until the queue is closed and empty; a failure closes it and fails all that was not acknowledged.</summary>
    /// <param name="givesUp">Fails what hangs on a connection that is lost, instead of waiting for the next.</param>
    public async Task RunAsync(CancellationToken givesUp)
    {
        try
        {
            await WorkAsync(givesUp).ConfigureAwait(false);
        }
        catch (StaleEpochException e)
        {
            _queue.Refuse(() => new StaleEpochException(_nodes.Name, e.Epoch, e.Current));
            Fail(() => new StaleEpochException(_nodes.Name, e.Epoch, e.Current));
        }
        catch (Exception e)
        {
            Exception Failure() => new JournalException($"The journal '{_nodes.Name}' in ZooKeeper takes nothing more until it is opened again: {e.Message}", e);
            _queue.Refuse(Failure);
            Fail(Failure);
        }

        _queue.FailWaiting();
    }

    private async Task WorkAsync(CancellationToken givesUp)
    {
        while (true)
        {
            while (_underWay.Count < Window && _queue.Take(JournalNodes.MaxNodeBytes) is { Count: > 0 } work) await StartAsync(work, givesUp).ConfigureAwait(false);
            if (_underWay.TryPeek(out var oldest))
            {
                var takesMore = _underWay.Count < Window && !_queue.IsClosed;
                await (takesMore ? Task.WhenAny(oldest.Sent, _queue.MoreAsync()) : oldest.Sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (oldest.Sent.IsCompleted) await SettleAsync(oldest, givesUp).ConfigureAwait(false);
            }
            else if (_queue.IsClosed)
            {
                return;
            }
            else
            {
                await _queue.MoreAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task StartAsync(IReadOnlyList<JournalWork> work, CancellationToken givesUp)
    {
        JournalTransaction transaction;
        try
        {
            transaction = work[0] is ChangeWork change ? Next(work, change.Change(_head), change.Operations) : await AppendAsync(work, givesUp).ConfigureAwait(false);
        }
        catch
        {
            // So that it fails with the rest.
            _underWay.Enqueue(new JournalTransaction(work, [], _head));
            throw;
        }

        _underWay.Enqueue(transaction);
        transaction.Send(_nodes.Sessions.Current());
    }

    private async Task<JournalTransaction> AppendAsync(IReadOnlyList<JournalWork> work, CancellationToken givesUp)
    {
        var events = work.Cast<AppendWork>().SelectMany(append => append.Events);
        var count = work.Cast<AppendWork>().Sum(append => append.Events.Count);
        var first = _head.LastSequence + 1;
        var bytes = BatchFormat.Encode(_head.Epoch, first, events, count);
        var batch = new BatchNode(first, count, bytes.Length, null, 0);
        if (bytes.Length > JournalNodes.MaxNodeBytes)
        {
            batch = batch with { Blob = $"{_head.Writer}.b{first}" };
            batch = batch with { Parts = await _nodes.WritePartsAsync(batch.Blob, bytes, givesUp).ConfigureAwait(false) };
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
        return Next(work, _head with { LastSequence = batch.Last }, operations);
    }

    private JournalTransaction Next(IReadOnlyList<JournalWork> work, JournalHead head, IReadOnlyList<ZooKeeperOperation> operations)
    {
        var transaction = new JournalTransaction(work, [.. head.SetFrom(_nodes.Head, _version), .. operations], head);
        (_head, _version) = (head, JournalHead.NextVersion(_version));
        return transaction;
    }

    private async Task SettleAsync(JournalTransaction oldest, CancellationToken givesUp)
    {
        try
        {
            await oldest.Sent.ConfigureAwait(false);
            AcknowledgeOldest();
        }
        catch (ZooKeeperException e) when (e.IsDisconnection || e.Error is ZooKeeperError.BadVersion or ZooKeeperError.Closing)
        {
            await ResolveAsync(e, givesUp).ConfigureAwait(false);
        }
        catch (ZooKeeperException e)
        {
            throw JournalFailures.From(_nodes.Name, e);
        }
    }

    // The head's version tells what was done of what is under way.
    private async Task ResolveAsync(ZooKeeperException failure, CancellationToken givesUp)
    {
        foreach (var transaction in _underWay) await transaction.Sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        givesUp.ThrowIfCancellationRequested();
        var (head, version) = await _nodes.ReadHeadAsync(givesUp).ConfigureAwait(false);
        if (head.Writer != _head.Writer) throw new StaleEpochException(_nodes.Name, _head.Epoch, head.Epoch);

        var (done, at) = (0, _doneVersion);
        for (; at != version && done < _underWay.Count; done++) at = JournalHead.NextVersion(at);

        var isOurs = at == version && head == (done == 0 ? _doneHead : _underWay.ElementAt(done - 1).Head);
        if (!isOurs || (done == 0 && failure.Error == ZooKeeperError.BadVersion))
            throw new JournalCorruptException($"ZooKeeper's node {_nodes.Head} was changed by somebody who did not open the journal: its version is {version}. Let nothing but Sparkish write there.", failure);

        for (; done > 0; done--) AcknowledgeOldest();
        if (++_fruitlessTries > MaxFruitlessTries)
            throw new JournalException($"ZooKeeper loses the connection each time: {failure.Message} Its servers' jute.maxbuffer must be at least 1 MiB, as it is unless it was changed.", failure);
        var client = _nodes.Sessions.Current();
        foreach (var transaction in _underWay) transaction.Send(client);
    }

    private void AcknowledgeOldest()
    {
        var done = _underWay.Dequeue();
        _doneVersion = JournalHead.NextVersion(_doneVersion);
        _doneHead = done.Head;
        _fruitlessTries = 0;
        _onAcknowledged(done.Head.LastSequence);
        foreach (var work in done.Work) work.Complete();
    }

    private void Fail(Func<Exception> why)
    {
        while (_underWay.TryDequeue(out var transaction))
        {
            foreach (var work in transaction.Work) work.Fail(why());
        }
    }
}
