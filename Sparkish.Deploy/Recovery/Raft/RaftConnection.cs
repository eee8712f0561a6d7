using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// A connection between two members after their handshake. Bytes travel in frames; an empty frame says that its sender is alive. A peer that is silent is given
/// up, so that a frozen process or a cut cable does not hold up an election until a request times out.
/// </summary>
internal sealed class RaftConnection : ConnectionContext, IDuplexPipe
{
    private const int HeaderBytes = 4;
    private const int MaxFrameBytes = 1 << 16;
    private const int BufferBytes = 1 << 20;

    private static readonly PipeOptions Buffers = new(
        pauseWriterThreshold: BufferBytes, resumeWriterThreshold: BufferBytes / 2, minimumSegmentSize: MaxFrameBytes, useSynchronizationContext: false);

    private readonly IChannel _channel;
    private readonly TimeProvider _time;
    private readonly TimeSpan _beat;
    private readonly TimeSpan _silence;
    private readonly Pipe _incoming = new(Buffers);
    private readonly Pipe _outgoing = new(Buffers);
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt;
    private volatile bool _isBlocked;
    private int _isAborted;

    public RaftConnection(IChannel channel, EndPoint? remote, RaftOptions options, TimeProvider time)
    {
        (_channel, _time, _beat, _silence, RemoteEndPoint) = (channel, time, options.Silence / 5, options.Silence, remote);
        _heardAt = time.GetTimestamp();
        ConnectionClosed = _closed.Token;
        _ = RunAsync(); // it never fails, and ends the connection
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Ended => _ended.Task;

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException("The transport of a connection between members is fixed.");
    }

    public PipeReader Input => _incoming.Reader;

    public PipeWriter Output => _outgoing.Writer;

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    public override void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) != 0) return;
        _channel.Dispose();
        _closed.Cancel(throwOnFirstException: false);
    }

    public override ValueTask DisposeAsync()
    {
        Abort();
        return base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var loops = new[] { GuardAsync(ReceiveAsync), GuardAsync(SendAsync), GuardAsync(WatchAsync) };
        await Task.WhenAll(loops).ConfigureAwait(false);
        _ended.TrySetResult();
    }

    private async Task GuardAsync(Func<Task> loop)
    {
        Exception? failure = null;
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e as IOException ?? new IOException($"The connection to {RemoteEndPoint} ended: {e.Message}", e);
        }

        Abort();
        await _incoming.Writer.CompleteAsync(failure).ConfigureAwait(false);
        await _outgoing.Reader.CompleteAsync(failure).ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        var header = new byte[HeaderBytes];
        while (true)
        {
            if (!await FillAsync(header).ConfigureAwait(false)) return;
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 0 or > MaxFrameBytes) throw new InvalidDataException($"a frame of {length} bytes is too long");
            if (length == 0) continue;
            var memory = _incoming.Writer.GetMemory(length)[..length];
            if (!await FillAsync(memory).ConfigureAwait(false)) throw new EndOfStreamException("it ended within a frame");
            _incoming.Writer.Advance(length);

            // While the reader is busy nothing is received, which is not the peer's silence.
            _isBlocked = true;
            var flushed = await _incoming.Writer.FlushAsync(_closed.Token).ConfigureAwait(false);
            Hear();
            _isBlocked = false;
            if (flushed.IsCompleted) return;
        }
    }

    private async ValueTask<bool> FillAsync(Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var read = await _channel.ReceiveAsync(destination, _closed.Token).ConfigureAwait(false);
            if (read == 0) return false;
            Hear();
            destination = destination[read..];
        }

        return true;
    }

    // By itself, because a peer that does not read holds up the sender.
    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_beat, _time);
        while (await timer.WaitForNextTickAsync(_closed.Token).ConfigureAwait(false))
        {
            if (!_isBlocked && !_channel.HasUnread && _time.GetElapsedTime(Volatile.Read(ref _heardAt)) >= _silence)
                throw new TimeoutException($"it was silent for {_silence}");
        }
    }

    private async Task SendAsync()
    {
        var frame = new byte[HeaderBytes + MaxFrameBytes];
        using var timer = new PeriodicTimer(_beat, _time);
        var tick = timer.WaitForNextTickAsync(_closed.Token).AsTask();
        var read = _outgoing.Reader.ReadAsync(_closed.Token).AsTask();
        while (true)
        {
            if (await Task.WhenAny(read, tick).ConfigureAwait(false) == tick)
            {
                await tick.ConfigureAwait(false);
                tick = timer.WaitForNextTickAsync(_closed.Token).AsTask();
                await _channel.SendAsync(new byte[HeaderBytes], _closed.Token).ConfigureAwait(false);
                continue;
            }

            var result = await read.ConfigureAwait(false);
            foreach (var segment in result.Buffer)
            {
                for (var rest = segment; !rest.IsEmpty;)
                {
                    var length = Math.Min(rest.Length, MaxFrameBytes);
                    BinaryPrimitives.WriteInt32LittleEndian(frame, length);
                    rest.Span[..length].CopyTo(frame.AsSpan(HeaderBytes));
                    await _channel.SendAsync(frame.AsMemory(0, HeaderBytes + length), _closed.Token).ConfigureAwait(false);
                    rest = rest[length..];
                }
            }

            _outgoing.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) return;
            read = _outgoing.Reader.ReadAsync(_closed.Token).AsTask();
        }
    }

    private void Hear() => Volatile.Write(ref _heardAt, _time.GetTimestamp());
}
