using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>How drivers end that are told to while a job runs.</summary>
[Platform("Linux")] // for env --default-signal
internal sealed class DriverEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_process_without_a_context_leaves_no_files_after_SIGHUP()
    {
        using var directory = new TemporaryDirectory();
        await using var process = StartScratch(directory.Path);
        await process.WaitForLineAsync(line => line is "running", Patience);
        var during = Directory.GetFileSystemEntries(directory.Path).Length;

        await TestProcess.RunAsync("kill", ["-HUP", process.Id.ToString(CultureInfo.InvariantCulture)], Patience);
        await process.WaitForExitAsync(Patience);

        Assert.That((during, Directory.GetFileSystemEntries(directory.Path).Length), Is.EqualTo((1, 0)), process.Transcript);
    }

    [Test]
    public async Task A_program_that_handles_SIGHUP_itself_goes_on()
    {
        using var directory = new TemporaryDirectory();
        await using var process = StartScratch(directory.Path, ScratchProgram.Reloads);
        await process.WaitForLineAsync(line => line is "running", Patience);

        await TestProcess.RunAsync("kill", ["-HUP", process.Id.ToString(CultureInfo.InvariantCulture)], Patience);
        await process.WaitForLineAsync(line => line is "reloaded", Patience);

        Assert.That(Directory.GetFileSystemEntries(directory.Path), Has.Length.EqualTo(1), process.Transcript);
    }

    private static TestProcess StartScratch(params string[] arguments) => TestProcess.Start("env",
        ["--default-signal=HUP,INT,TERM", "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Sparkish.Tests.dll"), "scratch", .. arguments]);

    [Test]
    public async Task A_driver_that_a_signal_ends_leaves_no_files(
        [Values("-TERM", "-HUP", "-INT")] string signal, [Values("local[2]", "local-cluster[1,2,1024]")] string master)
    {
        using var directory = new TemporaryDirectory();

        // The tests may run where SIGHUP and SIGINT are ignored, such as under nohup; their children would ignore them as well.
        await using var driver = TestProcess.Start("env",
            ["--default-signal=HUP,INT,TERM", "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "Sparkish.Tests.dll"), "driver", master, directory.Path]);
        await driver.WaitForLineAsync(line => line is "running", Patience);
        var during = Directory.GetFileSystemEntries(directory.Path).Length;

        await TestProcess.RunAsync("kill", [signal, driver.Id.ToString(CultureInfo.InvariantCulture)], Patience);
        await driver.WaitForExitAsync(Patience);

        Assert.That((during > 0, Directory.GetFileSystemEntries(directory.Path).Length), Is.EqualTo((true, 0)), driver.Transcript);
    }
}
