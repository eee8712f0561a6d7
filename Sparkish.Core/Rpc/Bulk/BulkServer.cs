using System.Collections.Concurrent;

namespace Sparkish.Rpc.Bulk;

/// <summary>
/// The streams that a node serves: the first segment of a path, its prefix, chooses the source. Sources are called on pool threads, concurrently.
/// </summary>
public sealed class BulkServer
{
    private readonly ConcurrentDictionary<string, IBulkSource> _sources = new(StringComparer.Ordinal);

    /// <summary>The prefixes under which something is served.</summary>
    internal IReadOnlyCollection<string> Prefixes => [.. _sources.Keys];

    /// <summary>Serves everything under <c>prefix/</c> from a source.</summary>
    /// <exception cref="ArgumentException">The prefix is taken.</exception>
    public void Register(string prefix, IBulkSource source)
    {
        if (!_sources.TryAdd(prefix, source)) throw new ArgumentException($"'{prefix}' is served already.", nameof(prefix));
    }

    /// <summary>Opens the content at a path.</summary>
    /// <exception cref="BulkNotFoundException">No source has this prefix, or the source has nothing at this path.</exception>
    public BulkContent Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && _sources.TryGetValue(path[..slash], out var source)) return source.Open(path[(slash + 1)..]);
        throw new BulkNotFoundException($"Nothing is served under '{path}'.");
    }
}

/// <summary>Serves the paths under one prefix.</summary>
public interface IBulkSource
{
    /// <summary>Opens the content at the rest of a path. The path comes from a peer and is validated here.</summary>
    /// <exception cref="BulkNotFoundException">There is nothing at this path.</exception>
    BulkContent Open(string path);
}

/// <summary>
/// A body to send: pieces in order, each bytes in memory or a range of a file. Files are closed by <see cref="Dispose"/>, after the last byte.
/// </summary>
public sealed class BulkContent : IDisposable
{
    private readonly List<BulkPiece> _pieces = [];

    /// <summary>The number of bytes in all pieces.</summary>
    public long Length { get; private set; }

    /// <summary>The pieces, in the order of their bytes.</summary>
    public IReadOnlyList<BulkPiece> Pieces => _pieces;

    /// <summary>Adds bytes; they must not change afterwards.</summary>
    public BulkContent Add(ReadOnlyMemory<byte> bytes)
    {
        _pieces.Add(new BulkPiece(bytes, null, 0, bytes.Length));
        Length += bytes.Length;
        return this;
    }

    /// <summary>Adds a range of a file, which this content then owns.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Start of the range.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="check">
    /// Called after the last byte of the range was read and before it is sent. An exception ends the stream early, so that the reader does not accept content
    /// that changed during the transfer.
    /// </param>
    public BulkContent Add(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, long length, Action? check = null)
    {
        _pieces.Add(new BulkPiece(default, file, offset, length, check));
        Length += length;
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var piece in _pieces) piece.File?.Dispose();
    }
}

/// <summary>Bytes in memory, or a range of a file.</summary>
/// <param name="Bytes">The bytes in memory; empty for a range of a file.</param>
/// <param name="File">The file; null for bytes in memory.</param>
/// <param name="Offset">Start of the range in the file.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Check">Called after the last byte of the range was read and before it is sent. An exception ends the stream early.</param>
public readonly record struct BulkPiece(
    ReadOnlyMemory<byte> Bytes, Microsoft.Win32.SafeHandles.SafeFileHandle? File, long Offset, long Length, Action? Check = null);

/// <summary>A peer has nothing at a path, or could not read it; the message comes from the peer.</summary>
public sealed class BulkNotFoundException(string message) : SparkException(message);

/// <summary>
/// A body that a peer sends. Reads block, and end after <see cref="System.IO.Stream.Length"/> bytes. A connection that ends early causes an
/// <see cref="IOException"/>.
/// </summary>
public abstract class BulkStream : Stream;
