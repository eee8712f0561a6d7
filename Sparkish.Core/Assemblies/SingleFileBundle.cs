using System.IO.Compression;
using System.IO.MemoryMappedFiles;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sparkish.Assemblies;

/// <summary>
/// The files within a program that was published as a single file. Such a file consists of the host program, the files, and a list of them; the host stores the
/// offset of the list after a signature. The layout is that of the SDK's Microsoft.NET.HostModel, versions 2 to 6. Thread-safe.
/// </summary>
internal sealed class SingleFileBundle
{
    private const byte AssemblyType = 1;
    private const byte DependencyListType = 3;
    private const int MaxEntries = 100_000;

    // The SHA-256 of ".net core bundle".
    private static readonly byte[] Signature = Convert.FromHexString("8B1202B96A612038727B930214D7A03213F5B9E6EFAE3318EE3B2DCE24B36AAE");

    private readonly SafeFileHandle _program;
    private readonly Lazy<string> _directory;
    private readonly Lock _lock = new();

    private SingleFileBundle(SafeFileHandle program, IReadOnlyList<BundleEntry> entries)
    {
        _program = program;
        Entries = entries;
        _directory = new Lazy<string>(MakeDirectory);
    }

    public IReadOnlyList<BundleEntry> Entries { get; }

    /// <summary>The managed assemblies, satellites included.</summary>
    public IEnumerable<BundleEntry> Assemblies => Entries.Where(static entry => entry.Type == AssemblyType);

    /// <summary>The list of dependencies; null if the bundle has no such list.</summary>
    public BundleEntry? DependencyList => Entries.FirstOrDefault(static entry => entry.Type == DependencyListType);

    /// <summary>Opens the bundle within a program.</summary>
    /// <exception cref="SparkException">The program is not a bundle, or one that this version cannot read.</exception>
    public static SingleFileBundle Open(string program)
    {
        try
        {
            using var file = File.OpenRead(program);
            file.Position = FindHeader(file) is > 0 and var header ? header : throw new InvalidDataException("it holds no files.");
            using var reader = new BinaryReader(file, Encoding.UTF8);
            var entries = ReadEntries(reader, file.Length);

            // Open for the life of this process: another program may replace the file meanwhile.
            return new SingleFileBundle(File.OpenHandle(program, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), entries);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new SparkException(
                $"The files within the single-file program '{program}' cannot be read: {error.Message} Publish it without PublishSingleFile.", error);
        }
    }

    /// <summary>Opens the content of a file.</summary>
    public Stream Open(BundleEntry entry)
    {
        var stored = new byte[entry.CompressedSize == 0 ? entry.Size : entry.CompressedSize];
        for (var read = 0; read < stored.Length;)
        {
            var more = RandomAccess.Read(_program, stored.AsSpan(read), entry.Offset + read);
            read += more > 0 ? more : throw new EndOfStreamException($"The program ends within its file '{entry.Path}'.");
        }

        return new MemoryStream(entry.CompressedSize == 0 ? stored : Inflate(stored, entry.Size), writable: false);
    }

    /// <summary>Extracts a file to a private temporary directory of this process, once, and returns its path.</summary>
    public string Extract(BundleEntry entry)
    {
        lock (_lock)
        {
            var path = Path.Combine(_directory.Value, entry.Offset.ToString("x", System.Globalization.CultureInfo.InvariantCulture), entry.FileName);
            if (File.Exists(path)) return path;
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
            var aside = path + ".part";
            using (var content = Open(entry))
            using (var file = PrivateFiles.Replace(aside)) content.CopyTo(file);
            File.Move(aside, path);
            return path;
        }
    }

    private static byte[] Inflate(byte[] stored, long size)
    {
        var content = new byte[size];
        using var inflated = new DeflateStream(new MemoryStream(stored), CompressionMode.Decompress);
        inflated.ReadExactly(content);
        return content;
    }

    private static unsafe long FindHeader(FileStream file)
    {
        using var map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            // The host comes first, so the first signature is the host's, not that of a later copy of this class.
            var host = new ReadOnlySpan<byte>(start, (int)Math.Min(file.Length, int.MaxValue));
            var at = host.IndexOf(Signature);
            return at < sizeof(long) ? 0 : BitConverter.ToInt64(host[(at - sizeof(long))..]);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static BundleEntry[] ReadEntries(BinaryReader reader, long programLength)
    {
        var version = reader.ReadUInt32();
        reader.ReadUInt32(); // minor version
        if (version is < 2 or > 6) throw new InvalidDataException($"its layout has version {version}.");
        var count = reader.ReadInt32();
        if (count is < 0 or > MaxEntries) throw new InvalidDataException($"it claims {count} files.");
        reader.ReadString(); // the id of the bundle
        reader.BaseStream.Seek((4 * sizeof(long)) + sizeof(ulong), SeekOrigin.Current); // offsets that are also in the list, and flags
        var entries = new BundleEntry[count];
        for (var i = 0; i < count; i++)
        {
            var (offset, size) = (reader.ReadInt64(), reader.ReadInt64());
            var compressed = version >= 6 ? reader.ReadInt64() : 0;
            entries[i] = new BundleEntry(offset, size, compressed, reader.ReadByte(), reader.ReadString().Replace('\\', '/'));
            var stored = compressed == 0 ? size : compressed;
            if (offset < 0 || size < 0 || size > Array.MaxLength || stored < 0 || offset > programLength - stored)
                throw new InvalidDataException($"its file '{entries[i].Path}' lies outside the program.");
        }

        return entries;
    }

    private static string MakeDirectory()
    {
        var directory = ScratchDirectory.Create(System.IO.Path.GetTempPath(), "sparkish-bundle-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(directory);
        return directory.Path;
    }

    private static void Remove(ScratchDirectory directory)
    {
        try
        {
            directory.Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The temporary directory '{directory.Path}' could not be removed: {error.Message}");
        }
    }
}

/// <summary>A file within a bundle.</summary>
/// <param name="Offset">Its offset in the bundle.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="CompressedSize">Its size in the bundle if it is compressed, else 0.</param>
/// <param name="Type">Its type.</param>
/// <param name="Path">Its path below the application's folder, with slashes.</param>
internal sealed record BundleEntry(long Offset, long Size, long CompressedSize, byte Type, string Path)
{
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];
}
