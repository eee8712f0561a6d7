namespace Sparkish.Serialization.Rows;

/// <summary>
/// Writes rows to a stream in batches with a checksum each, after a head with the schema, so that a <see cref="RowReader{T}"/> of another version detects it.
/// Rows are buffered: <see cref="Dispose"/> writes the last ones and the end mark. Owned by one thread at a time.
/// </summary>
/// <typeparam name="T">The type of the rows.</typeparam>
public sealed class RowWriter<T> : IDisposable
{
    // A batch is written at this size: large enough to copy well, small enough to stay in the cache.
    private const int BatchBytes = 64 * 1024;
    private const int RowsAtATime = 256;

    private readonly Stream _stream;
    private readonly Codec<T> _codec;
    private readonly ByteWriter _batch = new(BatchBytes + (BatchBytes / 4));
    private int _rows;
    private bool _isClosed;

    /// <summary>Writes the head.</summary>
    /// <param name="stream">The destination of the bytes; it is not disposed.</param>
    /// <param name="codec">Writes the rows; <see cref="Codec.For{T}"/> unless given.</param>
    /// <param name="context">The admitted types and the maximum depth.</param>
    public RowWriter(Stream stream, Codec<T>? codec = null, SerializationContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _codec = codec ?? Codec.For<T>();
        WriteHead();
        _batch.Context = context;
        BeginBatch();
    }

    /// <summary>Number of rows written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes one row. A row that cannot be written leaves no bytes.</summary>
    /// <exception cref="SerializationException">The row contains something that cannot be written.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Write(in T row) => WriteAll(new ReadOnlySpan<T>(in row));

    /// <summary>Writes many rows. If one of them cannot be written, earlier rows of its batch may or may not have been.</summary>
    /// <exception cref="SerializationException">A row contains something that cannot be written.</exception>
    /// <exception cref="IOException">The stream failed.</exception>
    public void WriteAll(ReadOnlySpan<T> rows)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        while (rows.Length > 0)
        {
            var next = rows[..Math.Min(rows.Length, RowsAtATime)];
            var length = _batch.Length;
            try
            {
                _codec.WriteAll(_batch, next);
            }
            catch
            {
                _batch.Truncate(length);
                throw;
            }

            _rows += next.Length;
            Count += next.Length;
            if (_batch.Length >= BatchBytes) Flush();
            rows = rows[next.Length..];
        }
    }

    /// <summary>Writes the buffered rows to the stream, as a separate batch, and flushes the stream.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_rows > 0) EndBatch();
        _stream.Flush();
    }

    /// <summary>Writes the buffered rows and the end mark, without which a reader reports missing rows. Calling it twice is harmless.</summary>
    /// <exception cref="IOException">The stream failed.</exception>
    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        if (_rows > 0) EndBatch();
        EndBatch();
        _stream.Flush();
    }

    private void WriteHead()
    {
        var head = new ByteWriter();
        head.WriteRaw(RowFormat.Magic);
        head.WriteByte(RowFormat.Version);
        var start = head.BeginPart();
        var schema = _codec.Schema;
        head.WriteUnmanaged(SchemaText.Fingerprint(schema));
        head.WriteString(schema);
        head.EndPart(start);
        head.WriteUnmanaged(Crc32C.Of(RowFormat.Version, head.WrittenSpan));
        _stream.Write(head.WrittenSpan);
    }

    private void BeginBatch()
    {
        _batch.Clear();
        _batch.GetSpan(RowBatch.Size)[..RowBatch.Size].Clear();
        _batch.Advance(RowBatch.Size);
        _rows = 0;
    }

    private void EndBatch()
    {
        Span<byte> head = stackalloc byte[RowBatch.Size];
        RowBatch.Of(_rows, _batch.WrittenSpan[RowBatch.Size..]).Write(head);
        _batch.Patch(0, head);
        _stream.Write(_batch.WrittenSpan);
        BeginBatch();
    }
}
