using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>The records of one reduce partition before they are written to a file, in frames.</summary>
internal sealed class PartitionBuffer<T>(Codec<T> codec)
{
    private const int FrameBytes = 64 * 1024;

    private readonly ByteWriter _bytes = new(FrameHeader.Size);
    private int _frameStart = -1;
    private int _frameRecords;

    public int Length => _bytes.Length;

    /// <summary>Appends a record; returns the growth of the buffer.</summary>
    public int Append(in T record)
    {
        var before = _bytes.Length;
        if (_frameStart < 0)
        {
            _frameStart = before;
            _bytes.GetSpan(FrameHeader.Size)[..FrameHeader.Size].Clear();
            _bytes.Advance(FrameHeader.Size);
        }

        codec.Write(_bytes, record);
        _frameRecords++;
        if (_bytes.Length - _frameStart >= FrameBytes) CloseFrame();
        return _bytes.Length - before;
    }

    /// <summary>Writes all frames and forgets them.</summary>
    public void DrainTo(Stream file)
    {
        CloseFrame();
        file.Write(_bytes.WrittenSpan);
        _bytes.Clear();
    }

    private void CloseFrame()
    {
        if (_frameStart < 0) return;
        var payload = _bytes.WrittenSpan[(_frameStart + FrameHeader.Size)..];
        Span<byte> header = stackalloc byte[FrameHeader.Size];
        new FrameHeader(payload.Length, _frameRecords, FrameHeader.ChecksumOf(_frameRecords, payload)).Write(header);
        _bytes.Patch(_frameStart, header);
        _frameStart = -1;
        _frameRecords = 0;
    }
}
