using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Sockets;

/// <summary>
/// The serving side of a bulk connection: request after request, each [int32 length][UTF-8 path], answered by [0][int64 length] and the body, or by [1][int32
/// length][UTF-8 message].
/// </summary>
internal static class BulkSender
{
    public const int MaxPathBytes = 64 << 10;
    public const byte Found = 0;
    public const byte Failed = 1;

    private const int BufferBytes = 512 << 10;

    /// <summary>Serves until the peer closes the connection or the env stops.</summary>
    public static async Task RunAsync(ChannelContext context, BulkServer server, IChannel channel)
    {
        using var stop = context.Stopping.UnsafeRegister(static state => ((IChannel)state!).Dispose(), channel);
        var remote = channel.Remote;
        string? path = null;
        try
        {
            while ((path = await ReadPathAsync(channel).ConfigureAwait(false)) is not null)
            {
                await AnswerAsync(context, server, channel, path, remote).ConfigureAwait(false);
                path = null;
            }
        }
        catch (Exception error) when (path is not null && !context.Stopping.IsCancellationRequested)
        {
            context.Log.BulkFailed(path, remote, ExceptionText.MessageOf(error));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or HandshakeException or IOException)
        {
            context.Log.BulkEnded(remote, error.Message);
        }
    }

    private static async Task<string?> ReadPathAsync(IChannel channel)
    {
        var header = new byte[sizeof(int)];
        if (!await TryFillAsync(channel, header).ConfigureAwait(false)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length is < 1 or > MaxPathBytes) throw new HandshakeException($"a path of {length} bytes was requested; at most {MaxPathBytes} are allowed");
        var bytes = new byte[length];
        return await TryFillAsync(channel, bytes).ConfigureAwait(false) ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static async Task AnswerAsync(ChannelContext context, BulkServer server, IChannel channel, string path, string remote)
    {
        BulkContent content;
        try
        {
            content = server.Open(path);
        }
        catch (Exception error)
        {
            if (error is not BulkNotFoundException) context.Log.BulkFailed(path, remote, ExceptionText.Of(error));
            await SendFailureAsync(channel, ExceptionText.MessageOf(error)).ConfigureAwait(false);
            return;
        }

        using (content)
        {
            var header = new byte[1 + sizeof(long)];
            header[0] = Found;
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(1), content.Length);
            await channel.SendAsync(header).ConfigureAwait(false);
            foreach (var piece in content.Pieces)
            {
                if (piece.File is null) await channel.SendAsync(piece.Bytes).ConfigureAwait(false);
                else await SendFileAsync(channel, piece).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads and sends in large steps: that is faster over TCP than the system's sendfile.</summary>
    private static async Task SendFileAsync(IChannel channel, BulkPiece piece)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, Math.Max(1, piece.Length)));
        try
        {
            for (var done = 0L; done < piece.Length;)
            {
                var wanted = (int)Math.Min(buffer.Length, piece.Length - done);
                var read = await RandomAccess.ReadAsync(piece.File!, buffer.AsMemory(0, wanted), piece.Offset + done).ConfigureAwait(false);
                if (read == 0) throw new IOException($"the file ends {piece.Length - done} bytes before the range {piece.Offset}+{piece.Length}");
                done += read;
                if (done == piece.Length) piece.Check?.Invoke();
                await channel.SendAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task SendFailureAsync(IChannel channel, string message)
    {
        var text = Encoding.UTF8.GetBytes(message.Length > MaxPathBytes / 4 ? message[..(MaxPathBytes / 4)] : message);
        var answer = new byte[1 + sizeof(int) + text.Length];
        answer[0] = Failed;
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(1), text.Length);
        text.CopyTo(answer, 1 + sizeof(int));
        await channel.SendAsync(answer).ConfigureAwait(false);
    }

    private static async Task<bool> TryFillAsync(IChannel channel, Memory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = await channel.ReceiveAsync(bytes).ConfigureAwait(false);
            if (read == 0) return false;
            bytes = bytes[read..];
        }

        return true;
    }
}
