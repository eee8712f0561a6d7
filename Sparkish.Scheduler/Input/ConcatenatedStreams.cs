namespace Sparkish.Input;

/// <summary>
/// Reads concatenated compressed streams of a file, as parallel compressors write them. Any bytes after the last one are an error: a damaged file must not be
/// mistaken for a shorter one.
/// </summary>
internal sealed class ConcatenatedStreams(Stream file, byte[] magic, Func<Stream, Stream> open) : ReadOnlyStream
{
    private readonly BufferedStream _source = new(file, 64 * 1024);
    private Stream? _part;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        while (!_ended && !buffer.IsEmpty)
        {
            _part ??= OpenNext();
            if (_part is null) break;
            var read = _part.Read(buffer);
            if (read > 0) return read;
            _part.Dispose();
            _part = null;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _part?.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private Stream? OpenNext()
    {
        Span<byte> found = stackalloc byte[magic.Length];
        var start = _source.Position;
        var read = _source.ReadAtLeast(found, found.Length, throwOnEndOfStream: false);
        if (read == 0)
        {
            _ended = true;
            return null;
        }

        if (!found[..read].SequenceEqual(magic)) throw new InvalidDataException($"at byte {start} no compressed stream begins: the file is damaged.");
        _source.Position = start;
        return open(_source);
    }
}
