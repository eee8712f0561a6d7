using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>Addresses of this machine's loopback network, a range for each test: processes on them tell each other apart as machines do.</summary>
internal sealed class LoopbackMachines : IMachines, IAsyncDisposable
{
    private static int _last;

    // Tests of several processes run at once; a random third number keeps them apart, and the port is outside the system's ephemeral range.
    private readonly string _network = string.Create(
        CultureInfo.InvariantCulture, $"127.{100 + (Environment.ProcessId % 100)}.{(Environment.ProcessId / 100 * 7 + Interlocked.Increment(ref _last)) % 250}");

    private readonly List<TestProcess> _processes = [];

    /// <summary>Makes the machines; the test is skipped where that is not possible.</summary>
    public LoopbackMachines()
    {
        if (OperatingSystem.IsMacOS()) Assert.Ignore("macOS has one loopback address only.");
    }

    public string AddressOf(int machine) => string.Create(CultureInfo.InvariantCulture, $"{_network}.{machine + 1}");

    public TestProcess Start(int machine, string fileName, params string[] arguments)
    {
        var process = TestProcess.Start(fileName, arguments);
        _processes.Add(process);
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
    }
}
