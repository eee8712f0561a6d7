namespace Sparkish.Input;

/// <summary>
/// Reads the lines that start within a range of bytes. A line ends with LF, CR or CRLF. One that starts in the range is read to its end, even beyond it; one
/// that started before belongs to the previous range. So the ranges of a file return each of its lines once.
/// </summary>
internal sealed class LineReader : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    /// <summary>The maximum length of a .NET string; a line has no more characters than bytes.</summary>
    private const int MaxLineBytes = 0x3FFFFFDF;

    private readonly Stream _source;
    private readonly long _end;
    private byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _filled;
    private long _position;
    private bool _isAtFileStart;

    /// <summary>Creates a reader over a source that is positioned at the start of a line.</summary>
    public LineReader(Stream source, long position, long end)
    {
        _source = source;
        _position = position;
        _end = end;
        _isAtFileStart = position == 0;
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Opens the lines of a file that start within a range.</summary>
    public static LineReader OpenSplit(Stream file, long start, long end)
    {
        // A line starts at `start` if one ends right before it, so the previous byte is read too.
        var from = Math.Max(start - 1, 0);
        file.Position = from;
        var reader = new LineReader(file, from, end);
        if (start > 0) reader.SkipLine();
        return reader;
    }

    /// <summary>Returns the next line without its end, or null if the next one starts beyond the range.</summary>
    public string? ReadLine()
    {
        if (_position >= _end) return null;
        if (_isAtFileStart) SkipByteOrderMark();
        if (!TryFindLine(out var length, out var terminator)) return null;
        var line = LineText.Decode(_buffer.AsSpan(_start, length));
        Consume(length + terminator);
        return line;
    }

    public void Dispose() => _source.Dispose();

    private void SkipByteOrderMark()
    {
        _isAtFileStart = false;
        while (_filled - _start < ByteOrderMark.Length && Fill())
        {
        }

        if (_buffer.AsSpan(_start, _filled - _start).StartsWith(ByteOrderMark)) Consume(ByteOrderMark.Length);
    }

    /// <summary>Skips the rest of a line of the previous range, of any length, without buffering it; stops early if the line covers the range.</summary>
    private void SkipLine()
    {
        _isAtFileStart = false;
        while (true)
        {
            var found = _buffer.AsSpan(_start, _filled - _start).IndexOfAny(LineFeed, CarriageReturn);
            if (found >= 0)
            {
                Consume(found + TerminatorLength(found));
                return;
            }

            Consume(_filled - _start);
            if (_position >= _end || !Fill()) return;
        }
    }

    /// <summary>Finds the end of the line at the start of the buffer, reading more as needed. False at the end of the source.</summary>
    private bool TryFindLine(out int length, out int terminator)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _filled - _start - searched).IndexOfAny(LineFeed, CarriageReturn);
            if (found >= 0)
            {
                length = searched + found;
                terminator = TerminatorLength(length);
                return true;
            }

            searched = _filled - _start;
            if (Fill()) continue;
            length = searched;
            terminator = 0;
            return length > 0;
        }
    }

    private int TerminatorLength(int length)
    {
        if (_buffer[_start + length] == LineFeed) return 1;

        // A CR at the end of the buffer may be half of a CRLF.
        if (_start + length + 1 == _filled && !Fill()) return 1;
        return _buffer[_start + length + 1] == LineFeed ? 2 : 1;
    }

    /// <summary>Appends bytes to the rest, which moves to the front. False at the end of the source.</summary>
    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
            _filled -= _start;
            _start = 0;
        }

        if (_filled == _buffer.Length)
        {
            if (_buffer.Length == MaxLineBytes)
                throw new InvalidDataException($"the line at byte {_position} is longer than {MaxLineBytes} bytes, the longest that a string holds.");
            Array.Resize(ref _buffer, (int)Math.Min(MaxLineBytes, 2L * _buffer.Length));
        }

        var read = _source.Read(_buffer, _filled, _buffer.Length - _filled);
        _filled += read;
        return read > 0;
    }

    private void Consume(int bytes)
    {
        _start += bytes;
        _position += bytes;
    }
}
