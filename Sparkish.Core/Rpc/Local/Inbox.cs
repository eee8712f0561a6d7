using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Local;

/// <summary>
/// The queue of one endpoint and the turn that handles it: many senders, one handler at a time, on the thread pool. Start is the first entry and
/// Stop the last that is handled; what comes behind Stop is refused. The queue is Vyukov's intrusive multi-producer queue: a sender exchanges the
/// tail and then links, so an entry may for a moment be reachable from the tail but not yet from the head.
/// </summary>
internal sealed class Inbox : IThreadPoolWorkItem
{
    private const int EnvelopesPerTurn = 128;

    private readonly RpcEndpoint _endpoint;
    private readonly RpcEndpointRef _self;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Envelope _head;
    private Envelope _tail;
    private int _scheduled = 1; // until Activate: what arrives before waits
    private int _stopping;
    private bool _finished; // the turn's own

    public Inbox(RpcEndpoint endpoint, RpcEndpointRef self, ILogger log)
    {
        _endpoint = endpoint;
        _self = self;
        _log = log;
        _head = _tail = new Envelope(EnvelopeKind.Start, null);
        Enqueue(new Envelope(EnvelopeKind.Start, null));
    }

    /// <summary>Completes when OnStop has run.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Starts handling.</summary>
    public void Activate() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Gives the endpoint up before it was activated: whatever arrived is refused.</summary>
    public void Abandon()
    {
        Interlocked.Exchange(ref _stopping, 1);
        _finished = true;
        _stopped.TrySetResult();
        Activate();
    }

    /// <summary>Adds an entry; false when the endpoint is stopping, and then the entry was not taken.</summary>
    public bool Post(Envelope envelope)
    {
        if (Volatile.Read(ref _stopping) != 0) return false;
        Add(envelope);
        return true;
    }

    /// <summary>Adds the last entry; later calls do nothing.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0) Add(new Envelope(EnvelopeKind.Stop, null));
    }

    /// <summary>One turn: handles a bounded number of entries, then lets others run.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Turn.Begin();
        var rests = false;
        for (var left = EnvelopesPerTurn; left > 0 && !rests; left--)
        {
            if (TryTake() is { } envelope)
            {
                Handle(envelope);
                envelope.Clear();
                Turn.Step();
            }
            else
            {
                rests = TryRest();
            }
        }

        if (!rests) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Turn.End();
    }

    private void Add(Envelope envelope)
    {
        Enqueue(envelope);
        if (Volatile.Read(ref _scheduled) == 0 && Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    private void Enqueue(Envelope envelope)
    {
        var previous = Interlocked.Exchange(ref _tail, envelope);
        Volatile.Write(ref previous.Next, envelope);
    }

    private Envelope? TryTake()
    {
        var next = Volatile.Read(ref _head.Next);
        if (next is null)
        {
            if (Volatile.Read(ref _tail) == _head) return null;
            var spin = default(SpinWait); // a sender stands between exchange and link
            while ((next = Volatile.Read(ref _head.Next)) is null) spin.SpinOnce();
        }

        _head = next;
        return next;
    }

    /// <summary>Ends the turn unless something has arrived meanwhile: sender and turn each write first and then look at what the other wrote.</summary>
    private bool TryRest()
    {
        var head = _head; // once the turn is given up, the field belongs to the next one
        Interlocked.Exchange(ref _scheduled, 0);
        return Volatile.Read(ref _tail) == head || Interlocked.CompareExchange(ref _scheduled, 1, 0) != 0;
    }

    private void Handle(Envelope envelope)
    {
        var call = envelope.Extra as CallContext;
        if (_finished)
        {
            Refuse(envelope, call);
            return;
        }

        try
        {
            switch (envelope.Kind)
            {
                case EnvelopeKind.Start: _endpoint.OnStart(); break;
                case EnvelopeKind.Send: _endpoint.Receive(envelope.Message!); break;
                case EnvelopeKind.Ask: _endpoint.ReceiveAndReply(envelope.Message!, call!); break;
                case EnvelopeKind.Connected: _endpoint.OnConnected((RpcAddress)envelope.Extra!); break;
                case EnvelopeKind.Disconnected: _endpoint.OnDisconnected((RpcAddress)envelope.Extra!); break;
                case EnvelopeKind.NetworkError: _endpoint.OnNetworkError((Exception)envelope.Message!, (RpcAddress)envelope.Extra!); break;
                case EnvelopeKind.Stop: _endpoint.OnStop(); break;
            }
        }
        catch (Exception error)
        {
            ReportError(error, call);
        }

        if (envelope.Kind == EnvelopeKind.Stop)
        {
            _finished = true;
            _stopped.TrySetResult();
        }
    }

    private void Refuse(Envelope envelope, CallContext? call)
    {
        call?.TrySendFailure(new EndpointNotFoundException(new RpcEndpointAddress(_self.Address, _self.Name)));
        if (envelope.Kind == EnvelopeKind.Send) _log.MessageToUnknownEndpoint(envelope.Message!.GetType().Name, _self.Name);
    }

    private void ReportError(Exception error, CallContext? call)
    {
        try
        {
            call?.TrySendFailure(error);
            _endpoint.OnError(error);
        }
        catch (Exception second)
        {
            _log.OnErrorFailed(second, _self.Name);
        }
    }
}
