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
    private const int MaxEagerFrame = EagerBytes - LengthBytes;

    /// <summary>
    /// The largest chunk whose work the reading thread runs itself. The work of a larger one takes longer than it takes to wake another thread, which then runs
    /// it while this thread reads on.
    /// </summary>
    private const int MaxOwnBytes = 1024;

    /// <summary>Runs until the peer closes the connection.</summary>
    /// <exception cref="RpcConnectionException">The peer sent a frame that is too large or has an invalid length.</exception>
    public static async Task RunAsync(IChannel channel, int maxBytes, IFrameHandler handler)
    {
        var buffer = Rent(FirstBytes);
        var grown = 0; // what the buffer may have beyond its first size, outside of a reservation
        var isReserved = false;
        WorkBatch? work = null;
        try
        {
            var count = 0;
            while (true)
            {
                var receiving = Receiving.Begin(channel, buffer.AsMemory(count), work);
                work = null;
                var read = await receiving;
                if (read == 0) return;
                count += read;
                var used = HandOver(buffer.AsSpan(0, count), read, maxBytes, handler, out work, out var room);
                if (isReserved && used > 0)
                {
                    handler.EndReservation();
                    isReserved = false;
                }

                await room.ConfigureAwait(false);
                var wasFull = count == buffer.Length;
                count -= used;
                var length = LengthOfRest(buffer.AsSpan(used, count));
                var size = SizeFor(buffer.Length, used, count, length, wasFull);
                if (!isReserved && (length > MaxEagerFrame || !TryHold(handler, size, ref grown)))
                {
                    if (length + LengthBytes > FirstBytes + grown)
                    {
                        isReserved = true;
                        WorkBatch.Queue(work);
                        work = null;
                        if (!await handler.ReserveAsync(length).ConfigureAwait(false)) return;
                    }
                    else
                    {
                        size = FirstBytes + grown; // slower, but all fits
                    }
                }

                buffer = Fit(buffer, used, count, size);
            }
        }
        finally
        {
            WorkBatch.Queue(work);
            handler.EndReservation();
            handler.Shrink(grown);
            Return(buffer);
        }
    }

    /// <summary>Counts what a buffer of a size has beyond its first one.</summary>
    private static bool TryHold(IFrameHandler handler, int size, ref int grown)
    {
        var more = size - FirstBytes - grown;
        if (more < 0) handler.Shrink(-more);
        else if (more > 0 && !handler.TryGrow(more)) return false;
        grown += more;
        return true;
    }

    /// <summary>Hands over all complete frames of a chunk.</summary>
    /// <param name="bytes">The rest of the chunk before, and the chunk.</param>
    /// <param name="read">Number of bytes of the chunk.</param>
    /// <param name="maxBytes">The largest length of a frame.</param>
    /// <param name="handler">Processes the frames.</param>
    /// <param name="work">The work that results, if the chunk is small and there is room for another one; otherwise the pool runs it.</param>
    /// <param name="room">Completes when there is room for another chunk.</param>
    /// <returns>Number of bytes of the frames.</returns>
    private static int HandOver(
        ReadOnlySpan<byte> bytes, int read, int maxBytes, IFrameHandler handler, out WorkBatch? work, out ValueTask room)
    {
        work = null;
        WorkBatch.Begin();
        try
        {
            var used = HandOver(bytes, maxBytes, handler);
            room = handler.OnReceivedAsync(read);
            if (read <= MaxOwnBytes && room.IsCompletedSuccessfully) work = WorkBatch.Take();
            return used;
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
                throw new RpcConnectionException($"it sent a message of {length} bytes, but spark.rpc.message.maxSize allows {maxBytes}");
            if (bytes.Length - used - LengthBytes < length) break;
            if (length > LargeBytes) WorkBatch.Cut(); // earlier frames do not wait until it is read
            handler.OnFrame(bytes.Slice(used + LengthBytes, length));
            used += LengthBytes + length;
        }

        return used;
    }

    private static int LengthOfRest(ReadOnlySpan<byte> rest) => rest.Length >= LengthBytes ? FrameBuffer.ReadLength(rest) : 0;

    /// <summary>
    /// Moves the rest to the front. The buffer doubles when it was filled, so memory follows the received bytes and not an announced length. It shrinks to its
    /// initial size after a large frame.
    /// </summary>
    private static int SizeFor(int size, int used, int count, int length, bool wasFull)
    {
        if (size > EagerBytes && count <= EagerBytes && length <= MaxEagerFrame) return EagerBytes;
        return wasFull && (size < EagerBytes || used == 0) ? (int)Math.Min(Array.MaxLength, size * 2L) : size;
    }

    /// <summary>Moves the rest to the front of a buffer of a size.</summary>
    private static byte[] Fit(byte[] buffer, int used, int count, int size)
    {
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

/// <summary>Processes the frames of a connection, in order, on its receive loop.</summary>
internal interface IFrameHandler
{
    /// <summary>Processes one frame without its length; the bytes are valid during the call.</summary>
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>Called when all complete frames of a chunk were processed; reading continues when the result completes.</summary>
    /// <param name="bytes">Number of received bytes.</param>
    ValueTask OnReceivedAsync(int bytes);

    /// <summary>Called before the buffer grows; false if there is no room for that now.</summary>
    bool TryGrow(int bytes);

    /// <summary>Called when the buffer has shrunk.</summary>
    void Shrink(int bytes);

    /// <summary>Called when a frame begins that the buffer cannot hold; it is read when the result completes with true. False stops reading.</summary>
    ValueTask<bool> ReserveAsync(int bytes);

    /// <summary>Called when that frame was processed, or will not arrive.</summary>
    void EndReservation();
}
