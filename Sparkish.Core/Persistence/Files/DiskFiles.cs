using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sparkish.Persistence.Files;

/// <summary>The real file system, below one directory. Blocking steps run on the thread pool.</summary>
internal sealed partial class DiskFiles(string root) : IJournalFiles
{
    private const int NoAccess = 0; // of open(2): O_RDONLY
    private const int Interrupted = 4; // EINTR
    private const int FullFlush = 51; // F_FULLFSYNC of macOS
    private const string HolderSuffix = ".holder";

    internal static readonly int[] SharingViolations = [11, 35, unchecked((int)0x80070020)]; // EAGAIN of Linux and of macOS, ERROR_SHARING_VIOLATION

    private static readonly int[] FullFlushUnknown = [22, 25, 45]; // EINVAL, ENOTTY and ENOTSUP of macOS

    private readonly string _root = Path.GetFullPath(root);

    public TaskCreationOptions Completions => TaskCreationOptions.RunContinuationsAsynchronously;

    public Task<T> RunAsync<T>(Func<T> step) => Task.Run(step);

    public string FullName(string path) => Path.Combine(_root, path);

    public IReadOnlyList<string> ListFiles(string directory) =>
        Directory.Exists(FullName(directory)) ? [.. Directory.EnumerateFiles(FullName(directory)).Select(path => Path.GetFileName(path))] : [];

    public IReadOnlyList<string> ListDirectories() =>
        Directory.Exists(_root) ? [.. Directory.EnumerateDirectories(_root).Select(path => Path.GetFileName(path))] : [];

    public void CreateDirectory(string directory)
    {
        var path = FullName(directory);
        var above = new List<string>();
        for (var next = path; next is not null && !Directory.Exists(next); next = Path.GetDirectoryName(next)) above.Add(next);
        PrivateFiles.CreateDirectory(path);
        foreach (var made in above) FlushPath(Path.GetDirectoryName(made)!);
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "the file is what is returned")]
    public IJournalFile Create(string path)
    {
        var file = PrivateFiles.Replace(FullName(path), bufferSize: 0, share: FileShare.ReadWrite | FileShare.Delete);
        return new DiskFile(file.SafeFileHandle, file);
    }

    public IJournalFile? Open(string path, bool writable = false)
    {
        try
        {
            return new DiskFile(
                File.OpenHandle(FullName(path), FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Rename(string from, string to) => File.Move(FullName(from), FullName(to), overwrite: true);

    public void Delete(string path) => File.Delete(FullName(path));

    public void FlushDirectory(string directory) => FlushPath(FullName(directory));

    [SuppressMessage("Reliability", "CA2000", Justification = "the lock is what is returned")]
    public IDisposable Lock(string path)
    {
        try
        {
            var stream = PrivateFiles.OpenLock(FullName(path));
            NoteHolder(path);
            return stream;
        }
        catch (IOException e) when (SharingViolations.Contains(e.HResult))
        {
            throw new JournalLockedException(
                $"'{FullName(path)}' is locked by {HolderOf(path)}: only one process may write a journal. Stop that process, or give this one its own directory.", e);
        }
    }

    // For people only, so it need not be durable. It is kept beside the lock, since some systems do not let others read a locked file.
    private void NoteHolder(string path) =>
        PrivateFiles.WriteAllText(FullName(path) + HolderSuffix,
            string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));

    private string HolderOf(string path)
    {
        try
        {
            return File.ReadAllText(FullName(path) + HolderSuffix) is { Length: > 0 } holder ? holder : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    // Windows has no such call and needs none: NTFS keeps names in its own journal. Elsewhere a new name is in memory only until its directory is flushed.
    private static void FlushPath(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = new SafeFileHandle(OpenDescriptor(directory, NoAccess), ownsHandle: true);
        if (handle.IsInvalid) throw new IOException($"Could not open the directory '{directory}': {Marshal.GetLastPInvokeErrorMessage()}.");
        FlushFile(handle);
    }

    /// <summary>
    /// Flushes a file to disk through the system's own call: the framework's (<see cref="RandomAccess.FlushToDisk"/>) ignores errors, at least in .NET 10 on
    /// Unix.
    /// </summary>
    /// <exception cref="IOException">The system could not.</exception>
    internal static void FlushFile(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        while (Flush(file) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted) throw new IOException($"Could not flush a file: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    // On macOS fsync leaves the bytes in the drive's cache. A file system without a full flush has only fsync.
    private static int Flush(SafeFileHandle file)
    {
        if (!OperatingSystem.IsMacOS()) return FlushDescriptor(file);
        var result = ControlDescriptor(file, FullFlush);
        return result != 0 && FullFlushUnknown.Contains(Marshal.GetLastPInvokeError()) ? FlushDescriptor(file) : result;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlushDescriptor(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ControlDescriptor(SafeFileHandle file, int command);
}

/// <summary>An open file of the real file system.</summary>
/// <param name="handle">The file.</param>
/// <param name="owner">Disposed together with the handle; null if the handle has no owner.</param>
internal sealed class DiskFile(SafeFileHandle handle, IDisposable? owner = null) : IJournalFile
{
    public long Length => RandomAccess.GetLength(handle);

    public int Read(long position, Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(handle, buffer[read..], position + read) is > 0 and var more) read += more;
        return read;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, position);

    public void SetLength(long length) => RandomAccess.SetLength(handle, length);

    public void Flush() => DiskFiles.FlushFile(handle);

    public void Dispose() => (owner ?? handle).Dispose();
}
