using System.Diagnostics;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The frames that wait to be sent over one connection. Frames are copied into large pooled blocks of two lanes: replies, pings and the framework's own
/// messages overtake bulk messages. A single writer at a time sends block after block. Before there is a channel, blocks wait. Bounded in bytes. Thread-safe.
/// </summary>
internal sealed class Outbox : IThreadPoolWorkItem
{
    /// <summary>The time that a frame may wait for the end of a turn, and the time after which a silent connection counts as quiet.</summary>
    public static readonly long MaxWaitTicks = Stopwatch.Frequency / 20_000; // 50 µs

    private readonly TransportContext _context;
    private readonly Action<Exception> _failed;
    private readonly Action _sendClaimed;
    private readonly Lock _lock = new();
    private readonly FrameQueue _urgent;
    private readonly FrameQueue _bulk;
    private readonly List<SendWindow> _stuck = [];
    private readonly Queue<HeldFrame> _barriers = new();
    private IChannel? _channel;
    private volatile Writer _writer;
    private long _bytes;
    private long _heldBytes;
    private long _lastPlace;
    private long _taken;
    private long _claimedAt;
    private long _wroteAt;
    private long _messagesBeingSent;
    private bool _closed;
    private OneShot? _idle;

    public Outbox(TransportContext context, Action<Exception> failed)
    {
        _context = context;
        _failed = failed;
        _sendClaimed = SendClaimed;
        (_urgent, _bulk) = (new FrameQueue(context.Budget), new FrameQueue(context.Budget));
    }

    /// <summary>The current writer.</summary>
    private enum Writer
    {
        /// <summary>None.</summary>
        None,

        /// <summary>A turn or a work item will write; the first that is able takes over.</summary>
        Claimed,

        /// <summary>A thread, or a send that has not completed.</summary>
        Writing,
    }

    /// <summary>Number of bytes accepted since the start.</summary>
    public long BytesTaken => Volatile.Read(ref _taken);

    /// <summary>Number of bytes that wait to be sent, including held ones.</summary>
    public long WaitingBytes
    {
        get
        {
            lock (_lock) return _closed ? 0 : _bytes;
        }
    }

    /// <summary>Number of bytes that are held until their receivers grant credit.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_lock) return _closed ? 0 : _heldBytes;
        }
    }

    /// <summary>Adds one frame and ensures that it is sent.</summary>
    /// <param name="frame">The frame, copied.</param>
    /// <param name="postage">The urgency of the frame.</param>
    /// <param name="window">The credit of its receiver; null if the frame needs none.</param>
    public AppendResult Append(ReadOnlySpan<byte> frame, Postage postage, SendWindow? window = null)
    {
        Departure departure;
        lock (_lock)
        {
            if (_closed) return AppendResult.Closed;
            if (!postage.Always && _bytes > 0 && _bytes + frame.Length > _context.Options.MaxOutboxBytes) return AppendResult.Full;
            if (IsHeld(frame.Length, postage, window)) return TryHold(frame, postage, window);
            if (!(postage.IsUrgent ? _urgent : _bulk).TryAdd(frame, postage.IsMessage, postage.Always)) return AppendResult.NoMemory;
            _bytes += frame.Length;
            _taken += frame.Length;
            if (TryClaim(postage.Departure, postage.IsMessage) is not { } claimed) return AppendResult.Added;
            departure = claimed;
        }

        Send(departure);
        return AppendResult.Added;
    }

    /// <summary>Called when the receiver of a window grants more: held frames may be sent.</summary>
    public void Grant(SendWindow window, long total)
    {
        lock (_lock)
        {
            window.Grant(total);
            if (_closed || !window.IsStuck) return;
            while (window.TryRelease(out var frame)) Release(frame);
            if (!window.IsStuck) _stuck.Remove(window);
            ReleaseBarriers();
            if (TryClaim(Departure.Soon, isMessage: false) is null) return;
        }

        Send(Departure.Soon);
    }

    /// <summary>Starts sending: waiting frames first, then new ones.</summary>
    public void Start(IChannel channel)
    {
        lock (_lock)
        {
            _channel = channel;
            if (_closed || (_urgent.IsEmpty && _bulk.IsEmpty)) return;
            _writer = Writer.Claimed;
        }

        _context.Scheduler.Schedule(this, preferLocal: false);
    }

    /// <summary>Sends frames that have waited too long for the end of a turn.</summary>
    public void Relieve(long now)
    {
        if (_writer == Writer.Claimed && now - Volatile.Read(ref _claimedAt) > MaxWaitTicks) SendClaimed();
    }

    /// <summary>Accepts nothing more and discards the waiting frames.</summary>
    public LostFrames Close()
    {
        OneShot? idle;
        LostFrames lost = default;
        lock (_lock)
        {
            if (!_closed) lost = new LostFrames(_messagesBeingSent + _urgent.Clear() + _bulk.Clear() + DropHeld());
            _closed = true;
            if (_writer == Writer.Claimed) _writer = Writer.None;
            idle = _writer == Writer.None ? _idle : null;
        }

        idle?.Set();
        return lost;
    }

    /// <summary>Completes when nothing waits and nothing is being sent.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (_writer == Writer.None && (_bytes == 0 || _closed)) return Task.CompletedTask;
            _idle ??= new OneShot(_context.Env);
            return _idle.WhenSetAsync();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (TryBegin()) _ = WriteAsync(sendsAll: true); // never throws; WhenIdleAsync observes its end
    }

    private void SendClaimed()
    {
        if (TryBegin()) _ = WriteAsync(sendsAll: false);
    }

    /// <summary>Lets the right thread send the claimed frames.</summary>
    private void Send(Departure departure)
    {
        switch (departure)
        {
            case Departure.Now: SendClaimed(); break;
            case Departure.EndOfTurn when Turn.TryDefer(_sendClaimed): _context.Thread?.Watch(); break;
            default: _context.Scheduler.Schedule(this, preferLocal: true); break;
        }
    }

    /// <summary>Whether and how the caller has to send; null if another writer does already.</summary>
    private Departure? TryClaim(Departure departure, bool isMessage)
    {
        if (_channel is null || _writer == Writer.Writing) return null;
        if (_writer == Writer.Claimed) return departure == Departure.Now ? departure : null;
        var now = Stopwatch.GetTimestamp();
        _claimedAt = now;
        _writer = Writer.Claimed;
        // An ask among others is not written by its asker: further asks are about to follow, and are sent together with it.
        return departure == Departure.Soon && isMessage && _context.SendsInline && now - _wroteAt > MaxWaitTicks ? Departure.Now : departure;
    }

    private bool TryBegin()
    {
        lock (_lock)
        {
            if (_writer != Writer.Claimed) return false;
            _writer = Writer.Writing;
            return true;
        }
    }

    /// <summary>Sends until nothing waits; or only the frames that wait already, so that frames of other threads do not keep the caller's thread.</summary>
    private async Task WriteAsync(bool sendsAll)
    {
        var sent = 0;
        while (TryNext(sent, out var block))
        {
            try
            {
                sent = block.Length;
                await _channel!.SendAsync(block.Bytes.AsMemory(0, block.Length)).ConfigureAwait(false);
                RpcMeter.CountSent(_context.Env.Name, block.Length);
            }
            catch (Exception error)
            {
                _failed(error);
            }
            finally
            {
                _context.Budget.Return(block.Bytes);
            }

            if (sendsAll || !TryHandOver(ref sent)) continue;
            _context.Scheduler.Schedule(this, preferLocal: false);
            return;
        }
    }

    /// <summary>Takes the next block, or ends the writing.</summary>
    private bool TryNext(int sent, out FrameBlock block)
    {
        OneShot? idle;
        lock (_lock)
        {
            _bytes -= sent;
            if (!_closed && (_urgent.TryTake(out block) || _bulk.TryTake(out block)))
            {
                _messagesBeingSent = block.Messages;
                return true;
            }

            block = default;
            _messagesBeingSent = 0;
            _wroteAt = Stopwatch.GetTimestamp();
            _writer = Writer.None;
            idle = _bytes == 0 || _closed ? _idle : null;
            if (idle is not null) _idle = null;
        }

        idle?.Set();
        return false;
    }

    /// <summary>Leaves the rest, if any, to another thread.</summary>
    private bool TryHandOver(ref int sent)
    {
        lock (_lock)
        {
            _bytes -= sent;
            sent = 0;
            _messagesBeingSent = 0;
            if (_closed || (_urgent.IsEmpty && _bulk.IsEmpty)) return false;
            _claimedAt = Stopwatch.GetTimestamp();
            _writer = Writer.Claimed;
            return true;
        }
    }

    private bool IsHeld(int bytes, Postage postage, SendWindow? window) =>
        postage.IsBarrier ? _stuck.Count > 0 || _barriers.Count > 0 : window is not null && !window.TrySpend(bytes);

    /// <summary>Holds a frame; held frames take at most half of the outbox, so that others find room.</summary>
    private AppendResult TryHold(ReadOnlySpan<byte> frame, Postage postage, SendWindow? window)
    {
        if (!postage.Always && _heldBytes > 0 && _heldBytes + frame.Length > _context.Options.MaxOutboxBytes / 2) return AppendResult.Full;
        if (_context.Budget.TryRent(frame.Length, postage.Always) is not { } copy) return AppendResult.NoMemory;
        frame.CopyTo(copy);
        var held = new HeldFrame(new FrameBlock(copy, frame.Length, postage.IsMessage ? 1 : 0), ++_lastPlace);
        if (window is { IsStuck: false }) _stuck.Add(window);
        if (window is null) _barriers.Enqueue(held);
        else window.Hold(held);
        _heldBytes += frame.Length;
        _bytes += frame.Length;
        return AppendResult.Added;
    }

    private void Release(HeldFrame held)
    {
        var frame = held.Frame;
        _heldBytes -= frame.Length;
        _taken += frame.Length;
        _bulk.TryAdd(frame.Bytes.AsSpan(0, frame.Length), frame.Messages > 0, always: true);
        _context.Budget.Return(frame.Bytes);
    }

    private void ReleaseBarriers()
    {
        var oldest = _stuck.Count == 0 ? long.MaxValue : _stuck.Min(static window => window.OldestPlace);
        while (_barriers.TryPeek(out var barrier) && barrier.Place < oldest) Release(_barriers.Dequeue());
    }

    private long DropHeld()
    {
        var messages = 0L;
        foreach (var held in _stuck.SelectMany(static window => window.DropAll()).Concat(_barriers))
        {
            messages += held.Frame.Messages;
            _context.Budget.Return(held.Frame.Bytes);
        }

        _stuck.Clear();
        _barriers.Clear();
        return messages;
    }
}

/// <summary>The outcome of adding a frame.</summary>
internal enum AppendResult
{
    /// <summary>The frame will be sent, or is held until its receiver grants credit.</summary>
    Added,

    /// <summary>Too much waits for this peer.</summary>
    Full,

    /// <summary>Too many bytes wait for all peers together.</summary>
    NoMemory,

    /// <summary>The connection has ended.</summary>
    Closed,
}

/// <summary>The urgency of a frame.</summary>
internal enum Departure
{
    /// <summary>Soon, together with the next frames: a pool thread sends, or the caller if the connection was quiet.</summary>
    Soon,

    /// <summary>
    /// At the end of the inbox's turn, on its thread, since further messages with replies wait; <see cref="TransportThread"/> does not let it wait for a slow
    /// handler.
    /// </summary>
    EndOfTurn,

    /// <summary>Now, on the caller's thread.</summary>
    Now,
}

/// <summary>Properties of a frame that the outbox needs besides its bytes.</summary>
/// <param name="Departure">The urgency of the frame.</param>
/// <param name="IsUrgent">Whether it overtakes bulk messages.</param>
/// <param name="IsBarrier">Whether it is sent after all messages that are held now.</param>
/// <param name="Always">Whether the bounds are not for it.</param>
/// <param name="IsMessage">Whether its loss would otherwise be unnoticed: it was sent, not asked.</param>
internal readonly record struct Postage(Departure Departure, bool IsUrgent = false, bool IsBarrier = false, bool Always = false, bool IsMessage = false);

/// <summary>The messages that were lost with a connection.</summary>
/// <param name="Messages">Number of sent messages, not asks, that waited or were being sent.</param>
internal readonly record struct LostFrames(long Messages);
