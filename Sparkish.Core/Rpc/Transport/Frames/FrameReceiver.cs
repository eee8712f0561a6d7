using System.Buffers;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport.Frames;

/// <summary>The receive loop of a connection: reads large blocks and hands over all complete frames of each.</summary>
internal static class FrameReceiver
{
    private const int FirstBytes = 16 << 10;
    private const int EagerBytes = 256 << 10;
    private const int LargeBytes = 64 << 10;
    private const int MaxPooledBytes = 1 << 20;
    private const int LengthBytes = sizeof(int);

    /// <summary>Runs until the peer ends the connection.</summary>
    /// <exception cref="RpcConnectionException">The peer sent a frame that is too large or has no sensible length.</exception>
    public static async Task RunAsync(IChannel channel, int maxBytes, IFrameHandler handler)
    {
        var buffer = Rent(FirstBytes);
        var isReserved = false;
        try
        {
            var count = 0;
            while (true)
            {
                var read = await channel.ReceiveAsync(buffer.AsMemory(count)).ConfigureAwait(false);
                if (read == 0) return;
                count += read;
                var used = HandOverAtOnce(buffer.AsSpan(0, count), maxBytes, handler);
                if (isReserved && used > 0)
                {
                    handler.EndReservation();
                    isReserved = false;
                }

                await handler.OnReceivedAsync(read).ConfigureAwait(false);
                var wasFull = count == buffer.Length;
                count -= used;
                if (!isReserved && LengthOfRest(buffer.AsSpan(used, count)) is > EagerBytes and var length)
                {
                    isReserved = true;
                    if (!await handler.ReserveAsync(length).ConfigureAwait(false)) return;
                }

                buffer = Fit(buffer, used, count, wasFull);
            }
        }
        finally
        {
            handler.EndReservation();
            Return(buffer);
        }
    }

    private static int HandOverAtOnce(ReadOnlySpan<byte> bytes, int maxBytes, IFrameHandler handler)
    {
        WorkBatch.Begin();
        try
        {
            return HandOver(bytes, maxBytes, handler);
        }
        finally
        {
            WorkBatch.End();
        }
    }

    private static int HandOver(ReadOnlySpan<byte> bytes, int maxBytes, IFrameHandler handler)
    {
        var used = 0;
        while (bytes.Length - used >= LengthBytes)
        {
            var length = FrameBuffer.ReadLength(bytes[used..]);
            if (length < 1 || length > maxBytes)
                throw new RpcConnectionException($"a message of {length} bytes came where spark.rpc.message.maxSize allows {maxBytes}");
            if (bytes.Length - used - LengthBytes < length) break;
            if (length > LargeBytes) WorkBatch.Cut(); // what came before it does not wait until it is read
            handler.OnFrame(bytes.Slice(used + LengthBytes, length));
            used += LengthBytes + length;
        }

        return used;
    }

    private static int LengthOfRest(ReadOnlySpan<byte> rest) => rest.Length >= LengthBytes ? FrameBuffer.ReadLength(rest) : 0;

    /// <summary>
    /// Moves the rest to the front; the buffer doubles when it was filled, so that memory follows what has come and not what a length promises,
    /// and goes back to its eager size after a large frame.
    /// </summary>
    private static byte[] Fit(byte[] buffer, int used, int count, bool wasFull)
    {
        var size = buffer.Length;
        if (wasFull && (size < EagerBytes || used == 0)) size = (int)Math.Min(Array.MaxLength, size * 2L);
        else if (count <= EagerBytes && size > EagerBytes * 2 && LengthOfRest(buffer.AsSpan(used, count)) <= EagerBytes) size = EagerBytes;
        if (size == buffer.Length)
        {
            if (used > 0) buffer.AsSpan(used, count).CopyTo(buffer);
            return buffer;
        }

        var next = Rent(size);
        buffer.AsSpan(used, count).CopyTo(next);
        Return(buffer);
        return next;
    }

    private static byte[] Rent(int bytes) => bytes <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(bytes) : GC.AllocateUninitializedArray<byte>(bytes);

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= MaxPooledBytes) ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>Takes the frames of a connection, in order, on its receive loop.</summary>
internal interface IFrameHandler
{
    /// <summary>Takes one frame without its length; the bytes are valid during the call.</summary>
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>All complete frames of a piece were handed over; reading goes on when the result completes.</summary>
    /// <param name="bytes">How many bytes came.</param>
    ValueTask OnReceivedAsync(int bytes);

    /// <summary>A large frame is on its way; it is read when the result says so. False ends the reading.</summary>
    ValueTask<bool> ReserveAsync(int bytes);

    /// <summary>The large frame was handed over, or will not come.</summary>
    void EndReservation();
}
