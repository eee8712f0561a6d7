namespace Sparkish.Deploy.Worker.Storage;

/// <summary>Distinguishes a full disk from other errors of files.</summary>
internal static class DiskSpace
{
    private const int NoSpaceOnUnix = 28; // ENOSPC, also when there is no room for another file
    private const int QuotaOnLinux = 122; // EDQUOT
    private const int QuotaOnMacOS = 69;
    private const int FullOnWindows = unchecked((int)0x80070070); // ERROR_DISK_FULL
    private const int HandleFullOnWindows = unchecked((int)0x80070027); // ERROR_HANDLE_DISK_FULL

    /// <summary>Whether a file could not be written because the disk, or the user's share of it, is full.</summary>
    public static bool IsExhausted(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult is FullOnWindows or HandleFullOnWindows
        : error.HResult is NoSpaceOnUnix || error.HResult == (OperatingSystem.IsMacOS() ? QuotaOnMacOS : QuotaOnLinux);

    /// <summary>The error of an executor or a driver that finds no room for its files.</summary>
    public static SparkException Exhausted(string directory, IOException cause) => new(
        $"The disk of {directory} is full, so nothing can start there: free space, or lower {DeployKeys.CleanupTimeToLive.Key} or "
            + $"{DeployKeys.CleanupMaxTotalSize.Key} of this worker.", cause);
}
