using Microsoft.Win32.SafeHandles;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>What streams are made of, the same bytes for us and for the baseline: a block of memory and a temporary file, each sent over and over.</summary>
internal sealed class BulkBody : IDisposable
{
    private const int MemoryBytes = 64 << 20;
    private const int FileBlocks = 4;

    /// <summary>The length of the file.</summary>
    public const long FileBytes = (long)MemoryBytes * FileBlocks;

    private readonly byte[] _memory = new byte[MemoryBytes];
    private readonly Lazy<string> _path;

    public BulkBody()
    {
        // Bytes that nothing on the way could compress or skip.
        var state = 0x9E3779B97F4A7C15UL;
        foreach (ref var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(_memory.AsSpan()))
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word = state;
        }

        _path = new Lazy<string>(WriteFile);
    }

    public ReadOnlyMemory<byte> Memory => _memory;

    /// <summary>Opens the file, which the first call writes: it stays in the page cache.</summary>
    public SafeFileHandle OpenFile() => File.OpenHandle(_path.Value, options: FileOptions.Asynchronous);

    public void Dispose()
    {
        if (_path.IsValueCreated) File.Delete(_path.Value);
    }

    private string WriteFile()
    {
        var path = Path.GetTempFileName();
        using var file = File.OpenHandle(path, FileMode.Truncate, FileAccess.Write);
        for (var block = 0; block < FileBlocks; block++) RandomAccess.Write(file, _memory, (long)MemoryBytes * block);
        return path;
    }
}
