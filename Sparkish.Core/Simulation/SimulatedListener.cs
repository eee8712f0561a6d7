using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Simulation;

/// <summary>A listening port of a simulated node: the kernel accepts connections, and queues them until the process does.</summary>
internal sealed class SimulatedListener(SimulatedProcess process) : IChannelListener
{
    private readonly Queue<WireEnd> _waiting = new();
    private TaskCompletionSource<IIncomingChannel?>? _accepting;
    private bool _isDisposed;

    public ValueTask<IIncomingChannel?> AcceptAsync()
    {
        if (_isDisposed) return ValueTask.FromResult<IIncomingChannel?>(null);
        if (_waiting.TryDequeue(out var end)) return ValueTask.FromResult<IIncomingChannel?>(new Incoming(end, process));
        _accepting = new TaskCompletionSource<IIncomingChannel?>();
        return new ValueTask<IIncomingChannel?>(_accepting.Task);
    }

    /// <summary>A peer connects.</summary>
    public void Offer(WireEnd end)
    {
        end.Send(new Segment(SegmentKind.SynAck));
        if (_accepting is not { } accepting)
        {
            if (_waiting.Count < process.Node.ListenBacklog) _waiting.Enqueue(end);
            else end.Reset();
            return;
        }

        _accepting = null;
        accepting.SetResult(new Incoming(end, process));
    }

    /// <summary>Called when the process or its machine has ended: unaccepted connections end, too.</summary>
    public void Abandon(Action<WireEnd> end)
    {
        while (_waiting.TryDequeue(out var waiting)) end(waiting);
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        Abandon(static end => end.Reset());
        _accepting?.TrySetResult(null);
    }

    private sealed class Incoming(WireEnd end, SimulatedProcess process) : IIncomingChannel
    {
        private readonly SimulatedChannel _channel = end.Open(process).Accepted();

        public string Remote => end.Other.Node.Name;

        public string Source => end.Other.Node.Name;

        public Task<bool> WhenSpokenAsync() => _channel.WhenSpokenAsync();

        public ValueTask<OpenedChannel> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new OpenedChannel(_channel, default));

        public void Dispose() => _channel.Dispose();
    }
}

/// <summary>Opens simulated connections from one process.</summary>
internal sealed class SimulatedDialler(SimulatedProcess process) : IDialler
{
    public async ValueTask<OpenedChannel> OpenAsync(RpcAddress peer, CancellationToken cancellationToken)
    {
        if (process.Node.Cluster.Network.Host(peer.Host) is not { } host) throw new IOException("no such host is known");
        var end = WireEnd.Between(process, host, peer.Port);
        end.Send(new Segment(SegmentKind.Syn));
        try
        {
            await end.Channel!.WhenConnectedAsync(cancellationToken).ConfigureAwait(false);
            return new OpenedChannel(end.Channel!, default);
        }
        catch
        {
            end.Channel!.Dispose();
            throw;
        }
    }
}
