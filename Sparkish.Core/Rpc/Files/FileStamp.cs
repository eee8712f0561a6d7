using Microsoft.Win32.SafeHandles;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>A cheap indicator of writes to a file: its length and its last write time (ticks, UTC).</summary>
internal readonly record struct FileStamp(long Length, long LastWriteTicks)
{
    public static FileStamp Of(SafeFileHandle file) => new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file).Ticks);

    /// <summary>Checks that a file still has this stamp.</summary>
    /// <exception cref="BulkNotFoundException">The file was modified.</exception>
    public void Check(SafeFileHandle file, string name)
    {
        if (Of(file) != this)
            throw new BulkNotFoundException($"'{name}' changed while it was served: fetch it again, and do not write to files that are served.");
    }
}
