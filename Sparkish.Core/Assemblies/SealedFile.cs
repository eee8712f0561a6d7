using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sparkish.Assemblies;

/// <summary>
/// A file in memory whose content can never change, not even by processes of the same user. The runtime maps an assembly file and reads its pages when they
/// are first used, so a file on disk that is written to after the load changes the code that runs. Linux alone has such files.
/// </summary>
internal sealed partial class SealedFile : IDisposable
{
    private const uint CloseOnExecute = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int AllSeals = 1 | 2 | 4 | 8; // no more seals, no shrinking, no growing, no writing

    private readonly SafeFileHandle _handle;

    private SealedFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Leads to the file for as long as it is not disposed of, in this process alone.</summary>
    public string Path => $"/proc/self/fd/{_handle.DangerousGetHandle()}";

    /// <summary>Makes a file; null where the system has none of the kind.</summary>
    /// <param name="name">What tools that list the memory of the process show.</param>
    /// <param name="bytes">Its content.</param>
    public static SealedFile? TryCreate(string name, ReadOnlySpan<byte> bytes)
    {
        if (!OperatingSystem.IsLinux()) return null;
        SafeFileHandle? handle = null;
        try
        {
            handle = CreateMemoryFile(name, CloseOnExecute | AllowSealing);
            if (handle.IsInvalid) return null;
            RandomAccess.Write(handle, bytes, 0);
            var made = new SealedFile(handle);
            if (ControlDescriptor(handle, AddSeals, AllSeals) != 0 || !File.Exists(made.Path)) return null;
            handle = null;
            return made;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // an old C library
        }
        finally
        {
            handle?.Dispose();
        }
    }

    public void Dispose() => _handle.Dispose();

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ControlDescriptor(SafeFileHandle file, int command, int argument);
}
