using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The serving side of a bulk connection: request after request, each [int32 length][UTF-8 path], answered by [0][int64 length] and the body, or by
/// [1][int32 length][UTF-8 message].
/// </summary>
internal static class BulkSender
{
    public const int MaxPathBytes = 64 << 10;
    public const byte Found = 0;
    public const byte Failed = 1;

    private const int BufferBytes = 512 << 10;

    /// <summary>Serves until the peer ends the connection or the env stops.</summary>
    public static async Task RunAsync(TransportContext context, BulkServer server, Socket socket)
    {
        using var stop = context.Stopping.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket);
        var remote = socket.RemoteEndPoint?.ToString() ?? "a peer";
        string? path = null;
        try
        {
            while ((path = await ReadPathAsync(socket).ConfigureAwait(false)) is not null)
            {
                await AnswerAsync(context, server, socket, path, remote).ConfigureAwait(false);
                path = null;
            }
        }
        catch (Exception error) when (path is not null && !context.Stopping.IsCancellationRequested)
        {
            context.Log.BulkFailed(path, remote, error.Message);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or HandshakeException)
        {
            context.Log.BulkEnded(remote, error.Message);
        }
    }

    private static async Task<string?> ReadPathAsync(Socket socket)
    {
        var header = new byte[sizeof(int)];
        if (!await TryFillAsync(socket, header).ConfigureAwait(false)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 1 or > MaxPathBytes) throw new HandshakeException($"a path of {length} bytes was asked for; at most {MaxPathBytes} are allowed");
        var bytes = new byte[length];
        return await TryFillAsync(socket, bytes).ConfigureAwait(false) ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static async Task AnswerAsync(TransportContext context, BulkServer server, Socket socket, string path, string remote)
    {
        BulkContent content;
        try
        {
            content = server.Open(path);
        }
        catch (Exception error)
        {
            if (error is not BulkNotFoundException) context.Log.BulkFailed(path, remote, error.ToString());
            await SendFailureAsync(socket, error.Message).ConfigureAwait(false);
            return;
        }

        using (content)
        {
            var header = new byte[1 + sizeof(long)];
            header[0] = Found;
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(1), content.Length);
            await SendAllAsync(socket, header).ConfigureAwait(false);
            foreach (var piece in content.Pieces)
            {
                if (piece.File is null) await SendAllAsync(socket, piece.Bytes).ConfigureAwait(false);
                else await SendFileAsync(socket, piece).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads and sends in large steps: that is faster over TCP than the system's sendfile.</summary>
    private static async Task SendFileAsync(Socket socket, BulkPiece piece)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, Math.Max(1, piece.Length)));
        try
        {
            for (var done = 0L; done < piece.Length;)
            {
                var wanted = (int)Math.Min(buffer.Length, piece.Length - done);
                var read = await RandomAccess.ReadAsync(piece.File!, buffer.AsMemory(0, wanted), piece.Offset + done).ConfigureAwait(false);
                if (read == 0) throw new IOException($"the file ends {piece.Length - done} bytes before the range {piece.Offset}+{piece.Length}");
                await SendAllAsync(socket, buffer.AsMemory(0, read)).ConfigureAwait(false);
                done += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task SendFailureAsync(Socket socket, string message)
    {
        var text = Encoding.UTF8.GetBytes(message.Length > MaxPathBytes / 4 ? message[..(MaxPathBytes / 4)] : message);
        var answer = new byte[1 + sizeof(int) + text.Length];
        answer[0] = Failed;
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), text.Length);
        text.CopyTo(answer, 1 + sizeof(int));
        await SendAllAsync(socket, answer).ConfigureAwait(false);
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
    }

    private static async Task<bool> TryFillAsync(Socket socket, Memory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = await socket.ReceiveAsync(bytes, SocketFlags.None).ConfigureAwait(false);
            if (read == 0) return false;
            bytes = bytes[read..];
        }

        return true;
    }
}
