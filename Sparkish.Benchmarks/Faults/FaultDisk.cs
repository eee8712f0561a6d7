using System.Diagnostics;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Faults;

/// <summary>A disk in memory that only this process and its children see, gone with them, and that can be filled up.</summary>
internal sealed class FaultDisk(string directory)
{
    private const int Megabytes = 2048;
    private const int FirstSlack = 16; // KiB
    private const int LastSlack = 1 << 14;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public string Directory => directory;

    /// <summary>Why this process can have no such disk; null where it can.</summary>
    public static async Task<string?> WhyMissingAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return "only root on Linux can mount one";
        try
        {
            await RunAsync("unshare", "-m", "true");
            return null;
        }
        catch (SparkException e)
        {
            return e.Message;
        }
    }

    /// <summary>Runs a program with such a disk at a directory, where its temporary files go, and returns its exit status.</summary>
    public static async Task<int> RunWithinAsync(string directory, IReadOnlyList<string> command)
    {
        var mount = string.Create(CultureInfo.InvariantCulture, $"mount -t tmpfs -o size={Megabytes}m,mode=1777 tmpfs \"$0\" && exec \"$@\"");
        var start = new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "sh", "-c", mount, directory, .. command]) { UseShellExecute = false };
        start.Environment["TMPDIR"] = directory;
        using var process = ChildProcess.Start("The program with a disk of its own", start);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Mounts another such disk at a directory, where this process runs with one.</summary>
    public static async Task<FaultDisk> MountAsync(string directory)
    {
        await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={Megabytes}m,mode=0700"), "tmpfs", directory);
        return new FaultDisk(directory);
    }

    /// <summary>Gives up a disk that was mounted so, with what is on it.</summary>
    public Task UnmountAsync() => RunAsync("umount", "-l", directory);

    /// <summary>Leaves next to no room. What is written meanwhile may need more than was there when it was looked at, so that it takes some tries.</summary>
    public async Task FillAsync()
    {
        for (var slack = FirstSlack; ; slack *= 2)
        {
            var drive = new DriveInfo(directory);
            var size = ((drive.TotalSize - drive.TotalFreeSpace) / 1024) + slack;
            try
            {
                await RunAsync("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={size}k"), directory);
                return;
            }
            catch (SparkException) when (slack < LastSlack)
            {
                // Next time with more.
            }
        }
    }

    public Task MakeRoomAsync() => RunAsync("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={Megabytes}m"), directory);

    private static async Task RunAsync(string program, params string[] arguments) =>
        await ChildProcess.RunAsync(program, program, arguments, new Dictionary<string, string>(StringComparer.Ordinal), Limit, CancellationToken.None);
}
