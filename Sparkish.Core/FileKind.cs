using System.Globalization;
using System.Runtime.InteropServices;

namespace Sparkish;

/// <summary>Distinguishes regular files from devices, sockets and pipes, whose opening could block forever.</summary>
internal static partial class FileKind
{
    private const int CurrentDirectory = -100;
    private const uint TypeMask = 1;
    private const uint UserMask = 8;
    private const uint NumberMask = 0x100;
    private const uint BirthMask = 0x800;
    private const int UserOffset = 20; // of stx_uid
    private const int ModeOffset = 28; // of stx_mode within struct statx, which is the same on all processors
    private const int NumberOffset = 32; // of stx_ino
    private const int BirthOffset = 80; // of stx_btime: seconds, then nanoseconds
    private const int StatxBytes = 256;
    private const int FormatMask = 0xF000;
    private const int RegularFormat = 0x8000;

    /// <summary>Whether a path leads to a regular file, through links or not.</summary>
    public static bool IsRegular(string path)
    {
        if (!File.Exists(path)) return false;
        return OperatingSystem.IsLinux() ? IsRegularOnLinux(path) : (File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.Device)) == default;
    }

    /// <summary>Whether a path leads to what another user owns; false where the system does not say.</summary>
    public static bool IsOfAnotherUser(string path)
    {
        if (!OperatingSystem.IsLinux()) return false;
        Span<byte> found = stackalloc byte[StatxBytes];
        return TryStatx(path, UserMask, found) && MemoryMarshal.Read<uint>(found[UserOffset..]) != EffectiveUser();
    }

    /// <summary>
    /// Returns a text that tells a file from every other file of its directory, also under another name; null where the file is missing or the system does not
    /// say. Numbers are used again, so the time of creation is part of it.
    /// </summary>
    public static string? IdentityOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> found = stackalloc byte[StatxBytes];
        if (!TryStatx(path, NumberMask | BirthMask, found)) return null;
        var (number, seconds) = (MemoryMarshal.Read<ulong>(found[NumberOffset..]), MemoryMarshal.Read<long>(found[BirthOffset..]));
        return string.Create(CultureInfo.InvariantCulture, $"{number}-{seconds}-{MemoryMarshal.Read<uint>(found[(BirthOffset + sizeof(long))..])}");
    }

    private static bool IsRegularOnLinux(string path)
    {
        Span<byte> found = stackalloc byte[StatxBytes];
        return TryStatx(path, TypeMask, found) && (MemoryMarshal.Read<ushort>(found[ModeOffset..]) & FormatMask) == RegularFormat;
    }

    private static bool TryStatx(string path, uint mask, Span<byte> found)
    {
        found.Clear();
        return Statx(CurrentDirectory, path, 0, mask, ref MemoryMarshal.GetReference(found)) == 0;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte found);
}
