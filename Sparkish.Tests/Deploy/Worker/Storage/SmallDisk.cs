using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy.Worker.Storage;

/// <summary>A file system of a few KiB, so that a test can fill it. The test is ignored where this user may not mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory;

    private SmallDisk(TemporaryDirectory directory) => _directory = directory;

    public string Path => _directory.Path;

    public static async Task<SmallDisk> MountAsync(int kibibytes)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Only Linux has small disks in memory.");
        var directory = new TemporaryDirectory();
        var size = string.Create(CultureInfo.InvariantCulture, $"size={kibibytes}k");
        await using var mount = TestProcess.Start("mount", ["-t", "tmpfs", "-o", size, "tmpfs", directory.Path]);
        if (await mount.WaitForExitAsync(Limit) == 0) return new SmallDisk(directory);

        directory.Dispose();
        Assert.Ignore($"This user may not mount: {string.Join(' ', mount.Errors)}");
        throw new InvalidOperationException("The test was not ignored.");
    }

    public string File(string name) => _directory.File(name);

    /// <summary>Fills the disk to the last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(File("filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) file.Write(new byte[1024]);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Free() => System.IO.File.Delete(File("filler"));

    public async ValueTask DisposeAsync()
    {
        await TestProcess.RunAsync("umount", ["-l", Path], Limit);
        _directory.Dispose();
    }
}
