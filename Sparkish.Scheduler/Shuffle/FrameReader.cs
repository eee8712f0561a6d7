using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>Reads records from the frames of one part of a map output; each frame is verified before a record of it is decoded.</summary>
internal sealed class FrameReader<T>(SerializationContext context, Codec<T>? codec = null)
{
    private readonly Codec<T> _codec = codec ?? Codec.For<T>();
    private readonly byte[] _header = new byte[FrameHeader.Size];
    private byte[] _frame = [];
    private int _frameLength;
    private int _position;
    private int _recordsLeft;
    private long _bytesLeft;
    private Stream _source = Stream.Null;

    /// <summary>Switches to the next part, of a given size.</summary>
    public void Reset(Stream source, long length)
    {
        _source = source;
        _bytesLeft = length;
    }

    /// <summary>Fills a batch from its start; returns 0 at the end of the part.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those that were written.</exception>
    /// <exception cref="IOException">The source broke off.</exception>
    public int Read(Span<T> batch)
    {
        while (_recordsLeft == 0)
        {
            if (_bytesLeft == 0) return 0;
            ReadFrame();
        }

        var count = Math.Min(batch.Length, _recordsLeft);
        var reader = new ByteReader(_frame.AsSpan(_position, _frameLength - _position), context);
        _codec.ReadAll(ref reader, batch[..count]);
        _position += reader.Position;
        _recordsLeft -= count;
        return count;
    }

    private void ReadFrame()
    {
        if (_bytesLeft < FrameHeader.Size) throw new InvalidDataException($"{_bytesLeft} bytes are left where a frame should start.");
        _source.ReadExactly(_header);
        var header = FrameHeader.Read(_header);
        _bytesLeft -= FrameHeader.Size;
        if (header.Bytes < 0 || header.Bytes > _bytesLeft || header.Records <= 0)
            throw new InvalidDataException($"A frame claims {header.Records} records in {header.Bytes} bytes where {_bytesLeft} are left.");
        if (_frame.Length < header.Bytes) _frame = new byte[Math.Max(header.Bytes, 2 * _frame.Length)];
        _source.ReadExactly(_frame, 0, header.Bytes);
        _bytesLeft -= header.Bytes;
        if (FrameHeader.ChecksumOf(header.Records, _frame.AsSpan(0, header.Bytes)) != header.Checksum)
            throw new InvalidDataException("The checksum of a frame does not match.");
        _frameLength = header.Bytes;
        _position = 0;
        _recordsLeft = header.Records;
    }
}
