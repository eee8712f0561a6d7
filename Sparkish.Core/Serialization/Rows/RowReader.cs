using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows;

/// <summary>
/// Reads the rows that a <see cref="RowWriter{T}"/> wrote. Each batch is verified before a row of it is decoded, and only the rows themselves are allocated.
/// Owned by one thread at a time.
/// </summary>
/// <typeparam name="T">The type of the rows.</typeparam>
public sealed class RowReader<T>
{
    // Memory is allocated as the bytes arrive, not by the claimed size of a batch.
    private const int LargestStep = 1 << 20;

    private readonly Stream _stream;
    private readonly Codec<T> _codec;
    private readonly SerializationContext? _context;
    private byte[] _batch = [];
    private int _length;
    private int _position;
    private int _rows;
    private bool _isAtEnd;

    /// <summary>Reads the head and compares the schemas.</summary>
    /// <param name="stream">The source of the bytes; it is not disposed.</param>
    /// <param name="codec">Reads the rows; <see cref="Codec.For{T}"/> unless given.</param>
    /// <param name="context">The context of the values and types of the application; <see cref="TypeBinder.Application"/> for rows with graphs.</param>
    /// <exception cref="SerializationException">The bytes are not rows, or rows of another schema: the message shows both.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    public RowReader(Stream stream, Codec<T>? codec = null, SerializationContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _codec = codec ?? Codec.For<T>();
        _context = context;
        StoredSchema = RowHead.Read(stream);
        var (stored, expected) = (SchemaText.Fingerprint(StoredSchema), SchemaText.Fingerprint(_codec.Schema));
        if (stored != expected) throw new SerializationException(
            $"The rows were written as {StoredSchema} but are read as {_codec.Schema}: read them with the type that they were written with, and convert them.");
    }

    /// <summary>The schema that the rows were written with.</summary>
    public string StoredSchema { get; }

    /// <summary>Fills a span from its start with the remaining rows of the current batch; returns 0 at the end.</summary>
    /// <exception cref="SerializationException">The bytes are damaged, or the end is missing.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    public int Read(Span<T> destination)
    {
        if (destination.IsEmpty) throw new ArgumentException("There is no room for a row: give a span that is not empty.", nameof(destination));
        while (_rows == 0)
        {
            if (_isAtEnd) return 0;
            ReadBatch();
        }

        var count = Math.Min(destination.Length, _rows);
        var reader = new ByteReader(_batch.AsSpan(_position, _length - _position), _context);
        _codec.ReadAll(ref reader, destination[..count]);
        _position += reader.Position;
        _rows -= count;
        if (_rows == 0 && _position != _length) throw new SerializationException($"{_length - _position} bytes remain after the rows of a batch.");
        return count;
    }

    /// <summary>Returns all remaining rows, one after the other.</summary>
    /// <exception cref="SerializationException">The bytes are damaged, or the end is missing.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    public IEnumerable<T> ReadToEnd()
    {
        var rows = new T[256];
        for (int read; (read = Read(rows)) > 0;)
        {
            for (var i = 0; i < read; i++) yield return rows[i];
        }
    }

    private void ReadBatch()
    {
        Span<byte> head = stackalloc byte[RowBatch.Size];
        ReadExactly(head);
        var batch = RowBatch.Read(head);
        if (batch.Bytes < 0 || batch.Rows < 0 || (batch.Rows == 0 && batch.Bytes > 0))
            throw new SerializationException($"A batch claims {batch.Rows} rows in {batch.Bytes} bytes.");
        ReadBody(batch.Bytes);
        if (RowBatch.Of(batch.Rows, _batch.AsSpan(0, batch.Bytes)) != batch)
            throw new SerializationException("The checksum of a batch of rows does not match: the stream is damaged.");
        (_length, _position, _rows, _isAtEnd) = (batch.Bytes, 0, batch.Rows, batch.Rows == 0);
    }

    private void ReadBody(int length)
    {
        for (var read = 0; read < length;)
        {
            var step = Math.Min(length - read, LargestStep);
            if (_batch.Length < read + step) Array.Resize(ref _batch, Math.Max(read + step, (int)Math.Min(2L * _batch.Length, length)));
            ReadExactly(_batch.AsSpan(read, step));
            read += step;
        }
    }

    private void ReadExactly(Span<byte> destination)
    {
        if (_stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw new SerializationException("The stream ends within its rows: its writer was not disposed, or the stream was truncated.");
    }
}
