using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Threading.Channels;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// One connection to one server: sends requests in order, matches replies to them, and ends if either side is silent, broken or violates the protocol. It is
/// used once: opened, run, disposed.
/// </summary>
internal sealed class ZooKeeperConnection : IAsyncDisposable
{
    private const int FlushBytes = 64 << 10;

    private readonly DnsEndPoint _server;
    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly ZooKeeperOptions _options;
    private readonly TimeProvider _time;
    private readonly JuteWriter _output = new();

    // The requests that were sent and not answered, in order; the semaphore limits their number.
    private readonly Queue<ZooKeeperRequest> _unanswered = new();
    private readonly Lock _unansweredLock = new();
    private readonly SemaphoreSlim _room;

    private long _heardAt;
    private long _sentAt;
    private int _lastXid;

    private ZooKeeperConnection(DnsEndPoint server, Stream stream, ZooKeeperOptions options, TimeProvider time)
    {
        (_server, _stream, _options, _time) = (server, stream, options, time);
        _input = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        _room = new SemaphoreSlim(options.MaxOutstanding);
        _heardAt = _sentAt = time.GetTimestamp();
    }

    public SessionWelcome Welcome { get; private set; }

    /// <summary>Connects and resumes or creates the session.</summary>
    /// <exception cref="IOException">The server closed the connection, or speaks another protocol.</exception>
    /// <exception cref="SocketException">No server could be reached.</exception>
    public static async Task<ZooKeeperConnection> OpenAsync(
        DnsEndPoint server, SessionHello hello, ZooKeeperOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var stream = await ConnectAsync(server, options.Tls, cancellationToken).ConfigureAwait(false);
        var connection = new ZooKeeperConnection(server, stream, options, time);
        try
        {
            await connection.GreetAsync(hello, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Serves requests until the connection ends, which is always by an exception; all unanswered requests have failed by then.</summary>
    /// <param name="first">Sent before all others.</param>
    /// <param name="requests">Requests are taken from it as long as there is room.</param>
    /// <param name="listener">Receives events and transactions.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        IReadOnlyList<ZooKeeperRequest> first, Channel<ZooKeeperRequest> requests, IZooKeeperListener listener, CancellationToken cancellationToken)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = new StrongBox<bool>();
        var period = Welcome.Timeout / 6;
        try
        {
            // ZooKeeper's own clients ping after a third of the timeout and give up after two thirds. Ours are twice as quick, so that a leader whose server
            // has frozen finds another one before its term ends. By its own clock that is after half of the timeout in the worst case.
            await using var keepAlive = _time.CreateTimer(_ => KeepAlive(requests.Writer, silence, abort), null, period, period).ConfigureAwait(false);
            Task[] loops = [WriteAsync(first, requests.Reader, abort.Token), ReadAsync(listener, abort.Token)];
            var ended = await Task.WhenAny(loops).ConfigureAwait(false);
            await abort.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (silence.Value)
                throw new IOException(
                    $"{_server.Host}:{_server.Port} was silent for {_time.GetElapsedTime(Volatile.Read(ref _heardAt)).TotalMilliseconds:F0} ms");
            await ended.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Requests that wait behind failed ones fail, too: they may depend on them. Later requests wait for the next connection.
            var waiting = new List<ZooKeeperRequest>();
            while (requests.Reader.TryRead(out var request)) waiting.Add(request);
            FailUnanswered(e);
            foreach (var request in waiting) request.Fail(Lost($"before '{request.What}' was sent, so it was not done", e));
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _input.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _room.Dispose();
    }

    private static async Task<Stream> ConnectAsync(DnsEndPoint server, ZooKeeperTls? tls, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        if (tls is null) return stream;
        var secure = new SslStream(stream);
        try
        {
            await secure.AuthenticateAsClientAsync(tls.OptionsFor(server.Host), cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (Exception e)
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            if (e is not AuthenticationException) throw;
            throw new IOException($"TLS with {server.Host}:{server.Port} failed ({e.Message.TrimEnd('.')}): see spark.deploy.zookeeper.ssl.*", e);
        }
    }

    private async Task GreetAsync(SessionHello hello, CancellationToken cancellationToken)
    {
        var frame = _output.BeginFrame();
        hello.Write(_output);
        _output.EndFrame(frame);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        Welcome = await ReadFrameAsync(static (ref reader) => SessionWelcome.Read(ref reader), cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(IReadOnlyList<ZooKeeperRequest> first, ChannelReader<ZooKeeperRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in first) Put(request);
        while (true)
        {
            if (_room.CurrentCount == 0) await FlushAsync(cancellationToken).ConfigureAwait(false);
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (requests.TryRead(out var request))
            {
                if (!Put(request) || request.FixedXid != 0) _room.Release();
                if (_output.Length >= FlushBytes) await FlushAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            _room.Release();
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            if (!await requests.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) throw new OperationCanceledException("The client is closed.");
        }
    }

    // Writes a request to the output and adds it to the unanswered ones; one that is too large fails, and the connection continues.
    private bool Put(ZooKeeperRequest request)
    {
        var start = _output.BeginFrame();
        request.Write(_output, request.FixedXid != 0 ? request.FixedXid : NextXid());
        var length = _output.EndFrame(start);
        if (length > _options.MaxRequestBytes)
        {
            _output.CutTo(start);
            request.Fail(new ZooKeeperException(
                ZooKeeperError.BadArguments, $"'{request.What}' has {length} bytes, but servers accept at most {_options.MaxRequestBytes}."));
            return false;
        }

        if (request.FixedXid == 0)
        {
            lock (_unansweredLock) _unanswered.Enqueue(request);
        }

        return true;
    }

    // Negative numbers have special meanings.
    private int NextXid() => _lastXid = _lastXid == int.MaxValue ? 1 : _lastXid + 1;

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_output.Length == 0) return;
        Volatile.Write(ref _sentAt, _time.GetTimestamp());
        await _stream.WriteAsync(_output.Written, cancellationToken).ConfigureAwait(false);
        _output.CutTo(0, keepCapacity: 2 * FlushBytes);
    }

    private async Task ReadAsync(IZooKeeperListener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            await ReadFrameAsync((ref reader) =>
            {
                OnFrame(ref reader, listener);
                return true;
            }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<T> ReadFrameAsync<T>(JuteRead<T> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var input = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _heardAt, _time.GetTimestamp());
            var buffer = input.Buffer;
            if (ZooKeeperFrames.TryRead(ref buffer, _options.MaxReplyBytes, out var frame))
            {
                var result = Parse(frame, read);
                _input.AdvanceTo(buffer.Start);
                return result;
            }

            if (input.IsCompleted) throw new IOException($"{_server.Host}:{_server.Port} closed the connection");
            _input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static T Parse<T>(ReadOnlySequence<byte> frame, JuteRead<T> read)
    {
        var reader = new JuteReader(frame.IsSingleSegment ? frame.FirstSpan : frame.ToArray());
        return read(ref reader);
    }

    private void OnFrame(ref JuteReader reader, IZooKeeperListener listener)
    {
        var xid = reader.Int();
        var zxid = reader.Long();
        var error = (ZooKeeperError)reader.Int();
        if (zxid > 0) listener.OnTransactionSeen(zxid);
        switch (xid)
        {
            case ZooKeeperRequest.WatchEventXid:
                var type = (WatchEventType)reader.Int();
                _ = reader.Int(); // the state of the connection, which is known
                listener.OnWatchEvent(type, reader.Text());
                break;
            case ZooKeeperRequest.AuthXid when error != ZooKeeperError.Ok:
                throw new ZooKeeperException(
                    ZooKeeperError.AuthFailed, $"{_server.Host}:{_server.Port} refuses spark.deploy.zookeeper.credentials ({error}): check user and password.");
            case ZooKeeperRequest.PingXid or ZooKeeperRequest.AuthXid or ZooKeeperRequest.SetWatchesXid: break;
            default: OnReply(xid, error, ref reader); break;
        }
    }

    private void OnReply(int xid, ZooKeeperError error, ref JuteReader reader)
    {
        ZooKeeperRequest? request;
        lock (_unansweredLock)
        {
            // A reply out of order removes nothing from the queue, so all pending requests fail with the connection.
            if (!_unanswered.TryPeek(out request) || request.Xid != xid) throw new ZooKeeperProtocolException($"a reply to request {xid} arrived out of order");
        }

        request.Answer(error, ref reader);
        lock (_unansweredLock) _unanswered.Dequeue();
        _room.Release();
    }

    private void KeepAlive(ChannelWriter<ZooKeeperRequest> requests, StrongBox<bool> silence, CancellationTokenSource abort)
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _heardAt)) > Welcome.Timeout * 0.4)
        {
            silence.Value = true;
            abort.Cancel();
        }
        else if (_time.GetElapsedTime(Volatile.Read(ref _sentAt)) >= Welcome.Timeout / 8)
        {
            // Without room there is traffic, which serves the same purpose.
            requests.TryWrite(ZooKeeperRequest.Plain(OpCode.Ping, "ping"));
        }
    }

    private void FailUnanswered(Exception reason)
    {
        List<ZooKeeperRequest> requests;
        lock (_unansweredLock)
        {
            requests = [.. _unanswered];
            _unanswered.Clear();
        }

        foreach (var request in requests)
        {
            request.Fail(Lost($"before it answered '{request.What}', so its outcome is unknown", reason));
        }
    }

    private ZooKeeperException Lost(string when, Exception reason) =>
        new(ZooKeeperError.ConnectionLoss, $"The connection to {_server.Host}:{_server.Port} was lost {when}: {reason.Message}", reason);
}
