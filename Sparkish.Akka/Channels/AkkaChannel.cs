using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Akka.Channels;

/// <summary>
/// The bytes between two actors, one at each end, in both directions and in order: what a socket is to the built-in env. Akka.Remote keeps the order of
/// messages but loses some when an association ends or moves to another connection; so each end keeps what was not confirmed, and sends it again. Whether
/// the other end is who it says it is, is for the TLS and the handshake above. Thread-safe; one reader and one writer at a time.
/// </summary>
internal sealed class AkkaChannel : IDisposable
{
    /// <summary>The most bytes of one message: well below the frames of Akka.Remote.</summary>
    public const int ChunkBytes = 32 << 10;

    /// <summary>The most bytes under way in one direction.</summary>
    public const int WindowBytes = 1 << 20;

    /// <summary>How long an end that is done waits for the other one to have everything, in ticks.</summary>
    private const int LingerTicks = 10;

    /// <summary>How long the other end may say nothing after an association has ended, in ticks.</summary>
    private const int DoubtTicks = 6;

    private readonly Lock _lock = new();
    private readonly SendBuffer _sending = new();
    private readonly ReceiveBuffer _receiving = new();
    private readonly ChannelWaiter _reader = new();
    private readonly ChannelWaiter _writer = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isListening;
    private IActorRef _peer;
    private IActorRef _self = ActorRefs.Nobody;
    private Exception? _broken;
    private long _confirmedAtTick;
    private int _doubt; // ticks since an association ended, one more; 0 for none
    private int _linger;
    private bool _isOpen;
    private bool _isDisposed;
    private bool _isPeerGone;
    private bool _hasToldGap;
    private bool _isOver;

    private AkkaChannel(IActorRef peer, bool isListening)
    {
        (_peer, _isListening, _isOpen) = (peer, isListening, isListening);
        Remote = peer.Path.Address.ToString();
        Host = peer.Path.Address.Host ?? "this process";
    }

    /// <summary>The actor system at the other end, for logs.</summary>
    public string Remote { get; }

    /// <summary>The host of the other end, as it says.</summary>
    public string Host { get; }

    /// <summary>
    /// Whether the other end is in another actor system. Within one, a message must not be taken on the thread that tells it, which holds the other end's lock.
    /// </summary>
    public bool IsRemote => _peer is IActorRefScope { IsLocal: false };

    public bool HasUnread
    {
        get
        {
            lock (_lock) return _receiving.HasUnread;
        }
    }

    /// <summary>Completes when the gate has answered.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Whether neither end needs it any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock) return _isOver;
        }
    }

    /// <summary>The end that connects to a gate.</summary>
    public static AkkaChannel To(IActorRef gate) => new(gate, isListening: false);

    /// <summary>The end of a gate that something connects to.</summary>
    public static AkkaChannel From(IActorRef connecting) => new(connecting, isListening: true);

    /// <summary>
    /// From now on, what arrives is read on the thread that it arrives on, without a hand-off to another one. The reader must not block that thread.
    /// </summary>
    public void ReadInline()
    {
        lock (_lock) _reader.GoesOnInline = true;
    }

    /// <summary>The actor of this end is there.</summary>
    public void Start(IActorRef self)
    {
        lock (_lock)
        {
            _self = self;
            Tell(_isListening ? ChannelOpened.Instance : OpenChannel.Instance);
        }
    }

    /// <summary>Waits for the first byte and leaves it to the reader; null at the end.</summary>
    public async Task<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        if (!await WhenSpokenAsync().WaitAsync(cancellationToken).ConfigureAwait(false)) return null;
        lock (_lock) return _receiving.First;
    }

    /// <summary>Receives what is there, at least one byte; 0 at the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task readable;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_receiving.HasUnread)
                {
                    var read = _receiving.Read(buffer.Span);
                    if (_receiving.MustAnnounce) Tell(_receiving.Ack(resend: false));
                    return read;
                }

                if (_receiving.HasEnded) return 0;
                if (_broken is not null) throw _broken;
                readable = _reader.WhenWokenAsync();
            }

            await readable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends all of it; it completes when the other end has room.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            Task? writable = null;
            lock (_lock)
            {
                CheckWriting();
                if (_isOpen && _sending.Room > 0)
                {
                    var length = (int)Math.Min(Math.Min(bytes.Length, ChunkBytes), _sending.Room);
                    Tell(_sending.Add(bytes.Span[..length]));
                    bytes = bytes[length..];
                }
                else
                {
                    writable = _writer.WhenWokenAsync();
                }
            }

            if (writable is not null) await writable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says that no more will be sent; what was sent still arrives.</summary>
    /// <exception cref="SocketException">The channel has ended meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public void ShutdownSend()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_broken is not null || _isPeerGone) throw Reset();
            if (_sending.Ended is null) Tell(_sending.End());
        }
    }

    /// <summary>Waits until there is something to read; false when the channel ends before.</summary>
    public async Task<bool> WhenSpokenAsync()
    {
        while (true)
        {
            Task readable;
            lock (_lock)
            {
                if (_receiving.HasUnread) return true;
                if (_receiving.HasEnded || _isDisposed || _broken is not null) return false;
                readable = _reader.WhenWokenAsync();
            }

            await readable.ConfigureAwait(false);
        }
    }

    /// <summary>Ends this end. What was sent still arrives, if the other end lives.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            if (_broken is null && _isOpen)
            {
                if (_sending.Ended is null) Tell(_sending.End());
                Tell(ChannelGone.Instance);
                if (_isPeerGone) _isOver = true;
            }
            else
            {
                _isOver = true;
            }

            Wake();
        }

        _opened.TrySetException(new ObjectDisposedException(nameof(AkkaChannel)));
        _ = _opened.Task.Exception; // nobody may wait for it
    }

    /// <summary>The other end cannot be reached any more.</summary>
    public void Break(SocketError reason = SocketError.ConnectionReset)
    {
        SocketException broken;
        lock (_lock)
        {
            if (_broken is not null) return;
            _broken = broken = new SocketException((int)reason);
            _isOver = true;
            Wake();
        }

        _opened.TrySetException(broken);
        _ = _opened.Task.Exception;
    }

    /// <summary>Takes what the other end said.</summary>
    public void Take(ChannelMessage message, IActorRef sender)
    {
        var hasOpened = false;
        TaskCompletionSource? reader = null;
        lock (_lock)
        {
            if (message is ChannelOpened && !_isOpen && !_isListening)
            {
                (_peer, _isOpen, hasOpened) = (sender, true, true);
                Wake();
            }

            if (_isOver || !sender.Equals(_peer)) return;
            _doubt = 0;
            switch (message)
            {
                case OpenChannel: Tell(ChannelOpened.Instance); break;
                case ChannelData m: reader = OnData(m); break;
                case ChannelEnd m: OnEnd(m); break;
                case ChannelAck m: OnAck(m); break;
                case ChannelSync m: Tell(_receiving.Ack(resend: _receiving.Received < m.Sent)); break;
                case ChannelGone: OnGone(); break;
            }
        }

        if (hasOpened) _opened.TrySetResult();
        reader?.TrySetResult(); // it may go on here, and must not hold the lock
    }

    /// <summary>An association with the actor system at an address has ended: the other end has to say something soon. False if that was known.</summary>
    public bool OnDisassociated(Address remote)
    {
        lock (_lock)
        {
            if (_isOver || _doubt > 0 || !_isOpen || remote != _peer.Path.Address) return false;
            _doubt = 1;
            Tell(new ChannelSync(_sending.Sent));
            return true;
        }
    }

    /// <summary>Asks the other end to say something, if that is in doubt.</summary>
    public void Probe()
    {
        lock (_lock)
        {
            if (!_isOver && _doubt > 0) Tell(new ChannelSync(_sending.Sent));
        }
    }

    /// <summary>The actor system at an address cannot be reached.</summary>
    public void OnUnreachable(Address remote, string reason)
    {
        if (remote != _peer.Path.Address) return;
        _opened.TrySetException(new HandshakeException($"Akka.Remote cannot reach it at {remote}: {reason.TrimEnd('.')}"));
        Break();
    }

    /// <summary>Called twice a second.</summary>
    public void Tick()
    {
        var isLost = false;
        lock (_lock)
        {
            if (_isOver) return;
            if (!_isOpen)
            {
                Tell(OpenChannel.Instance);
                return;
            }

            if (_doubt > 0 && ++_doubt > DoubtTicks) isLost = true;
            else if (_doubt > 0 || (!_sending.IsConfirmed && _sending.Confirmed == _confirmedAtTick)) Tell(new ChannelSync(_sending.Sent));
            _confirmedAtTick = _sending.Confirmed;
            if (_isDisposed && (_sending.IsConfirmed || ++_linger > LingerTicks)) _isOver = true;
        }

        if (isLost) Break();
    }

    /// <summary>Takes bytes; returns the reader that waits for them, if one does.</summary>
    private TaskCompletionSource? OnData(ChannelData data)
    {
        if (data.Offset != _receiving.Received)
        {
            ReportGap(data.Offset);
            return null;
        }

        if (!_receiving.Add(data))
        {
            Break(SocketError.MessageSize);
            return null;
        }

        _hasToldGap = false;
        if (_isDisposed) Tell(_receiving.Ack(resend: false));
        return _reader.Take();
    }

    private void OnEnd(ChannelEnd end)
    {
        if (end.Offset != _receiving.Received || _receiving.HasEnded)
        {
            ReportGap(end.Offset);
            return;
        }

        _receiving.End();
        Tell(_receiving.Ack(resend: false));
        _reader.Wake();
    }

    /// <summary>Reports bytes that were lost in between. Bytes that arrive twice are not a gap.</summary>
    private void ReportGap(long offset)
    {
        if (offset < _receiving.Received || _hasToldGap) return;
        _hasToldGap = true;
        Tell(_receiving.Ack(resend: true));
    }

    private void OnAck(ChannelAck ack)
    {
        if (!_sending.Confirm(ack.Received, ack.Limit))
        {
            Break(SocketError.MessageSize);
            return;
        }

        if (ack.Resend)
        {
            foreach (var message in _sending.Unconfirmed()) Tell(message);
        }

        if (_sending.Room > 0) _writer.Wake();
    }

    private void OnGone()
    {
        _isPeerGone = true;
        if (_isDisposed) _isOver = true;
        _writer.Wake();
    }

    private void CheckWriting()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_broken is not null) throw _broken;
        if (_isPeerGone) throw Reset();
        if (_sending.Ended is not null) throw new SocketException((int)SocketError.Shutdown);
    }

    private void Tell(ChannelMessage message) => _peer.Tell(message, _self);

    private void Wake()
    {
        _reader.Wake();
        _writer.Wake();
    }

    private static SocketException Reset() => new((int)SocketError.ConnectionReset);
}
