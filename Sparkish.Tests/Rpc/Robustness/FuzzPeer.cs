using System.Buffers.Binary;
using System.Net.Sockets;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>One connection of a fuzzer: sends what it is given, takes what comes so that nothing waits for it, and sees the answer to one question.</summary>
internal sealed class FuzzPeer : IDisposable
{
    public const long ProbeId = 0x5EED_5EED_5EED;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the env has ended the connection; fails if it sent what is no frame.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Connects, and says nothing yet.</summary>
    public static async Task<FuzzPeer> ConnectAsync(RpcAddress env)
    {
        var peer = new FuzzPeer();
        await peer._socket.ConnectAsync(env.Host, env.Port);
        return peer;
    }

    /// <summary>Shakes hands as it should be done.</summary>
    public async Task GreetAsync(RpcAddress self, ushort version = 2)
    {
        await SendAsync(ScriptedPeer.Greeting(self, version: version));
        await ReceiveExactlyAsync(12);
        for (var step = 1; step <= 3; step++)
        {
            var header = await ReceiveExactlyAsync(3);
            if (header[0] != step) throw new AssertionException($"Step {header[0]} of the handshake came where {step} was due.");
            await ReceiveExactlyAsync(BitConverter.ToUInt16(header, 1));
        }

        Ended = ReadFramesAsync();
    }

    /// <summary>Sends bytes, in pieces that have nothing to do with frames.</summary>
    public async Task SendAsync(byte[] bytes, int pieceBytes = int.MaxValue)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await _socket.SendAsync(bytes.AsMemory(sent, Math.Min(pieceBytes, bytes.Length - sent)));
    }

    /// <summary>Sends bytes to an env that may have ended the connection already.</summary>
    public async Task TrySendAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The env had enough before all was said.
        }
    }

    /// <summary>Waits for the answer to the question with <see cref="ProbeId"/>: all before it did the connection no harm.</summary>
    public async Task AnsweredAsync()
    {
        if (await Task.WhenAny(_answered.Task, Ended).WaitAsync(Envs.Patience) == Ended)
            throw new AssertionException("The env ended a connection that it should have kept.");
    }

    /// <summary>Takes what comes until the env ends the connection.</summary>
    public async Task UntilEndedAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer).WaitAsync(Envs.Patience) > 0)
            {
                // What is said to a stranger is of no interest here.
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The env closed with bytes unread: an end as well.
        }
    }

    /// <summary>Ends the connection at once rather than in order.</summary>
    public void Reset() => _socket.LingerState = new LingerOption(enable: true, seconds: 0);

    public void Dispose() => _socket.Dispose();

    private async Task ReadFramesAsync()
    {
        try
        {
            while (true)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(await ReceiveExactlyAsync(sizeof(int)));
                if (length is < 1 or > (1 << 20)) throw new AssertionException($"The env sent a frame of {length} bytes.");
                var frame = await ReceiveExactlyAsync(length);
                if (frame[0] == Frames.ReplyKind && BinaryPrimitives.ReadInt64LittleEndian(frame.AsSpan(1)) == ProbeId) _answered.TrySetResult();
            }
        }
        catch (Exception e) when (e is EndOfStreamException or ObjectDisposedException
            or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.OperationAborted })
        {
            // Its end.
        }
    }

    private async Task<byte[]> ReceiveExactlyAsync(int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = await _socket.ReceiveAsync(bytes.AsMemory(done));
            if (read == 0) throw new EndOfStreamException();
            done += read;
        }

        return bytes;
    }
}
