using System.Diagnostics;
using System.Globalization;
using Sparkish.Benchmarks.Comparing;

namespace Sparkish.Benchmarks.Faults;

/// <summary>A disk in memory that only this process and its children see, gone with them, and that can be filled up.</summary>
internal sealed class FaultDisk(string directory)
{
    private const int Megabytes = 2048;

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

    /// <summary>Leaves no room.</summary>
    public Task FillAsync()
    {
        var drive = new DriveInfo(directory);
        var used = (drive.TotalSize - drive.TotalFreeSpace) / 1024;
        return RunAsync("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={Math.Max(used, 4)}k"), directory);
    }

    public Task MakeRoomAsync() => RunAsync("mount", "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={Megabytes}m"), directory);

    private static async Task RunAsync(string program, params string[] arguments) =>
        await ChildProcess.RunAsync(program, program, arguments, new Dictionary<string, string>(StringComparer.Ordinal), Limit, CancellationToken.None);
}
