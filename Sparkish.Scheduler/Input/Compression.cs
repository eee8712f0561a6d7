using ICSharpCode.SharpZipLib.BZip2;
using K4os.Compression.LZ4.Streams;
using ZstdSharp;

namespace Sparkish.Input;

/// <summary>Detects compression by the name of a file, like Hadoop, and decompresses.</summary>
internal sealed class Compression
{
    private static readonly (string Suffix, Compression Compression)[] Known =
    [
        (".gz", new(static file => new GzipMembers(file))),
        (".bz2", new(static file => new ConcatenatedStreams(file, "BZh"u8.ToArray(), static part => new BZip2InputStream(part) { IsStreamOwner = false }))),
        (".zst", new(static file => new DecompressionStream(file))),
        (".lz4", new(static file => LZ4Stream.Decode(file))),
    ];

    private static readonly string[] Refused =
        [".deflate", ".snappy", ".lzo", ".lzma", ".xz", ".zip", ".7z", ".br", ".z", ".tgz", ".tbz2", ".txz", ".rar", ".zstd", ".bz", ".gzip"];

    private readonly Func<Stream, Stream> _open;

    private Compression(Func<Stream, Stream> open) => _open = open;

    /// <summary>The compression of a file; null for plain text.</summary>
    /// <exception cref="SparkException">The name indicates an unsupported compression.</exception>
    public static Compression? Of(string path)
    {
        foreach (var (suffix, compression) in Known)
        {
            if (path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return compression;
        }

        return Array.Find(Refused, suffix => path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) is not { } refused ? null
            : throw new SparkException($"Cannot read {path}: files that end with '{refused}' have an unsupported compression. "
                + "Decompress it, or use .gz, .bz2, .zst or .lz4.");
    }

    /// <summary>Opens the text within a compressed file.</summary>
    public Stream Open(Stream file) => _open(file);
}
