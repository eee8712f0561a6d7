namespace Sparkish.Tests.Processes;

/// <summary>SIGTERM ends a daemon, whatever hangs in it.</summary>
[Platform("Unix")]
internal sealed class StopSignalsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestCase("nothing", 0)]
    [TestCase("handler", 0, Description = "The shutdown has a deadline.")]
    [TestCase("disposal", 143)]
    [TestCase("pool", 143)]
    [TestCase("exit", 137, Description = "A handler of the process's own exit hangs.")]
    public async Task SIGTERM_ends_a_daemon_in_which_something_hangs(string what, int status)
    {
        await using var daemon = TestProcess.StartAssembly("Sparkish.Tests.dll", "hanging-daemon", what);
        await daemon.WaitForLineAsync(line => line is "ready", Patience);

        daemon.Terminate();

        Assert.That(await daemon.WaitForExitAsync(Patience), Is.EqualTo(status), daemon.Transcript);
    }
}
