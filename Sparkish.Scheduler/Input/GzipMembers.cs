using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using ICSharpCode.SharpZipLib.Checksum;

namespace Sparkish.Input;

/// <summary>
/// Reads the members of a gzip file and verifies each one's trailer. The framework's GZipStream accepts a truncated file as complete, and ignores bytes after
/// the last member.
/// </summary>
internal sealed class GzipMembers : ReadOnlyStream
{
    private const int TrailerBytes = 8;
    private const byte HasHeaderCrc = 2;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte HasComment = 16;

    private readonly ChunkSource _source;
    private readonly Crc32 _crc = new();
    private DeflateStream? _member;
    private long _memberStart;
    private uint _length;

    public GzipMembers(Stream file) => _source = new ChunkSource(file);

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_member is null && !TryOpenMember()) return 0;
            var read = ReadMember(buffer);
            if (read == 0)
            {
                CloseMember();
                continue;
            }

            Add(buffer[..read]);
            return read;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadMember(Span<byte> buffer)
    {
        try
        {
            return _member!.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            // The inflater's own message is about archives.
            throw new InvalidDataException($"the gzip member at byte {_memberStart} is damaged.", e);
        }
    }

    private void Add(ReadOnlySpan<byte> data)
    {
        // The checksum accepts arrays only.
        var copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        _crc.Update(new ArraySegment<byte>(copy, 0, data.Length));
        ArrayPool<byte>.Shared.Return(copy);
        _length = unchecked(_length + (uint)data.Length);
    }

    private bool TryOpenMember()
    {
        _memberStart = _source.Position;
        if (_source.IsAtEnd) return false;
        ReadHeader();
        _crc.Reset();
        _length = 0;
        _member = new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    private void ReadHeader()
    {
        if (_source.NextByte() != 0x1F || _source.NextByte() != 0x8B) throw new InvalidDataException($"at byte {_memberStart} no gzip member begins.");
        if (_source.NextByte() != 8) throw new InvalidDataException($"the gzip member at byte {_memberStart} uses an unknown method.");
        var flags = _source.NextByte();
        for (var i = 0; i < 6; i++) _source.NextByte(); // time, flags of the method, system
        if ((flags & HasExtra) != 0)
        {
            var length = _source.NextByte() | (_source.NextByte() << 8);
            for (var i = 0; i < length; i++) _source.NextByte();
        }

        if ((flags & HasName) != 0) SkipText();
        if ((flags & HasComment) != 0) SkipText();
        if ((flags & HasHeaderCrc) == 0) return;
        _source.NextByte();
        _source.NextByte();
    }

    private void SkipText()
    {
        while (_source.NextByte() != 0)
        {
        }
    }

    private void CloseMember()
    {
        _member!.Dispose();
        _member = null;
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, (uint)_crc.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _length);
        if (!_source.TrySkipPast(trailer))
            throw new InvalidDataException($"the gzip member at byte {_memberStart} is truncated or damaged: its checksum and length do not follow its data.");
    }

    /// <summary>
    /// Reads a file in chunks and keeps the last one. The inflater does not report how many of its bytes it used, but the trailer, whose bytes are known, shows
    /// it.
    /// </summary>
    private sealed class ChunkSource(Stream file) : ReadOnlyStream
    {
        private const int MaxChunk = 16 * 1024;

        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _lastStart;
        private int _next;
        private int _filled;
        private long _consumed;

        public override long Position
        {
            get => _consumed + _next;
            set => throw new NotSupportedException();
        }

        public bool IsAtEnd => _next == _filled && !Fill();

        public override int Read(Span<byte> buffer)
        {
            if (_next == _filled && !Fill()) return 0;
            _lastStart = _next;
            var count = Math.Min(Math.Min(buffer.Length, MaxChunk), _filled - _next);
            _buffer.AsSpan(_next, count).CopyTo(buffer);
            _next += count;
            return count;
        }

        public byte NextByte() => IsAtEnd ? throw new EndOfStreamException("the file ends within the header of a gzip member.") : _buffer[_lastStart = _next++];

        /// <summary>Moves behind the first occurrence of the bytes within the last chunk.</summary>
        public bool TrySkipPast(ReadOnlySpan<byte> bytes)
        {
            // The bytes may continue after the chunk.
            if (_filled - _next < bytes.Length) ReadBehind(bytes.Length);
            var end = Math.Min(_next + bytes.Length, _filled);
            var found = _buffer.AsSpan(_lastStart, end - _lastStart).IndexOf(bytes);
            if (found < 0) return false;
            _next = _lastStart + found + bytes.Length;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }

        private bool Fill()
        {
            _consumed += _filled;
            _filled = file.ReadAtLeast(_buffer, _buffer.Length, throwOnEndOfStream: false);
            _next = _lastStart = 0;
            return _filled > 0;
        }

        /// <summary>Keeps the last chunk and appends the next one.</summary>
        private void ReadBehind(int bytes)
        {
            _buffer.AsSpan(_lastStart, _filled - _lastStart).CopyTo(_buffer);
            _consumed += _lastStart;
            _filled -= _lastStart;
            _next -= _lastStart;
            _lastStart = 0;
            _filled += file.ReadAtLeast(_buffer.AsSpan(_filled), bytes, throwOnEndOfStream: false);
        }
    }
}
