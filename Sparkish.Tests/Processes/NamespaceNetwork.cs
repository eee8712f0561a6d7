using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sparkish.Tests.Processes;

/// <summary>
/// Simulated machines of one network: network namespaces of their own, each with an interface and an address, on a bridge in one more namespace, so
/// that the network of this machine is not touched. Links are cut as cables are: nobody is told.
/// </summary>
internal sealed partial class NamespaceNetwork : IMachines, IAsyncDisposable
{
    private const string Prefix = "sparkish-";

    // An address of a card that nobody has: what is sent to it reaches nobody.
    private const string Nowhere = "02:00:00:00:00:fe";

    // The address of this process in the network, on the bridge.
    private const string HubAddress = "10.77.255.1";
    private const int NetworkNamespace = 0x40000000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static int _last;

    private readonly string _name = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _last)}";
    private readonly List<TestProcess> _processes = [];
    private readonly int _size;

    private NamespaceNetwork(int size) => _size = size;

    private string Hub => $"{_name}-hub";

    /// <summary>Makes a network; the test is skipped where that is not possible.</summary>
    public static async Task<NamespaceNetwork> CreateAsync(int size)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Network namespaces are Linux's.");
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("Making network namespaces needs root.");
        if (!File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip") && !File.Exists("/usr/bin/ip"))
            Assert.Ignore("There is no 'ip' command: install iproute2.");
        await RemoveAsync(await LeftoversAsync());
        var network = new NamespaceNetwork(size);
        try
        {
            if (await TryIpAsync("netns", "add", network.Hub) is { } error) Assert.Ignore($"This machine makes no network namespaces: {error}");
            if (await TryIpAsync("-n", network.Hub, "link", "add", "hub", "type", "bridge") is { } noBridge)
                Assert.Ignore($"This machine makes no bridges: {noBridge}");
            await network.IpAsync("-n", network.Hub, "addr", "add", $"{HubAddress}/16", "dev", "hub");
            await network.IpAsync("-n", network.Hub, "link", "set", "hub", "up");
            for (var i = 0; i < size; i++) await network.AddMachineAsync(i);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(int machine) => string.Create(CultureInfo.InvariantCulture, $"10.77.{machine / 250}.{(machine % 250) + 1}");

    /// <summary>Starts a program on a machine; it is killed with the network.</summary>
    public TestProcess Start(int machine, string fileName, params string[] arguments)
    {
        var process = TestProcess.Start("ip", ["netns", "exec", Machine(machine), fileName, .. arguments]);
        lock (_processes) _processes.Add(process);
        return process;
    }

    /// <summary>Listens in the network at an address that every machine reaches. This process accepts the connections.</summary>
    public TcpListener Listen()
    {
        TcpListener? listener = null;
        Exception? failure = null;

        // A thread of its own, which ends: only its sockets belong to the other namespace.
        var thread = new Thread(() =>
        {
            try
            {
                using var hub = File.OpenHandle($"/run/netns/{Hub}");
                if (SetNamespace(hub.DangerousGetHandle().ToInt32(), NetworkNamespace) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
                listener = new TcpListener(IPAddress.Parse(HubAddress), 0);
                listener.Start();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return listener is not null && failure is null ? listener : throw new AssertionException($"Cannot listen in {Hub}.", failure);
    }

    /// <summary>What one machine sends to another is lost from now on.</summary>
    public Task CutOneWayAsync(int from, int to) =>
        IpAsync("-n", Machine(from), "neigh", "replace", AddressOf(to), "lladdr", Nowhere, "nud", "permanent", "dev", "eth0");

    public async Task CutAsync(int a, int b)
    {
        await CutOneWayAsync(a, b);
        await CutOneWayAsync(b, a);
    }

    public Task HealOneWayAsync(int from, int to) => IpAsync("-n", Machine(from), "neigh", "del", AddressOf(to), "dev", "eth0");

    public async Task HealAsync(int a, int b)
    {
        await HealOneWayAsync(a, b);
        await HealOneWayAsync(b, a);
    }

    /// <summary>Pulls the cable of a machine.</summary>
    public Task UnplugAsync(int machine) => IpAsync("-n", Hub, "link", "set", Cable(machine), "down");

    public Task PlugAsync(int machine) => IpAsync("-n", Hub, "link", "set", Cable(machine), "up");

    public async ValueTask DisposeAsync()
    {
        TestProcess[] processes;
        lock (_processes) processes = [.. _processes];
        foreach (var process in processes) await process.DisposeAsync();
        await RemoveAsync([.. Enumerable.Range(0, _size).Select(Machine), Hub]);
    }

    private async Task AddMachineAsync(int number)
    {
        var machine = Machine(number);
        await IpAsync("netns", "add", machine);
        await IpAsync("-n", machine, "link", "set", "lo", "up");
        await IpAsync("-n", machine, "link", "add", "eth0", "type", "veth", "peer", "name", Cable(number), "netns", Hub);
        await IpAsync("-n", machine, "addr", "add", $"{AddressOf(number)}/16", "dev", "eth0");
        await IpAsync("-n", machine, "link", "set", "eth0", "up");
        await IpAsync("-n", Hub, "link", "set", Cable(number), "master", "hub", "up");
    }

    private string Machine(int number) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{number}");

    private static string Cable(int number) => string.Create(CultureInfo.InvariantCulture, $"cable{number}");

    /// <summary>Namespaces of test processes that have ended without removing them.</summary>
    private static async Task<IReadOnlyList<string>> LeftoversAsync()
    {
        var lines = await TestProcess.RunAsync("ip", ["netns", "list"], Patience);
        return [.. lines.Select(line => line.Split(' ')[0])
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && !IsRunning(name[Prefix.Length..].Split('-')[0]))];
    }

    private static bool IsRunning(string process)
    {
        try
        {
            using var running = Process.GetProcessById(int.Parse(process, CultureInfo.InvariantCulture));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static async Task RemoveAsync(IReadOnlyList<string> namespaces)
    {
        var known = (await TestProcess.RunAsync("ip", ["netns", "list"], Patience)).Select(line => line.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var name in namespaces.Where(known.Contains))
        {
            await using var removal = TestProcess.Start("ip", ["netns", "del", name]);
            if (await removal.WaitForExitAsync(Patience) != 0)
                await TestContext.Error.WriteLineAsync($"The network namespace {name} is left: {removal.Transcript}");
        }
    }

    private async Task IpAsync(params string[] arguments)
    {
        if (await TryIpAsync(arguments) is { } error) throw new AssertionException($"ip {string.Join(' ', arguments)}: {error}");
    }

    private static async Task<string?> TryIpAsync(params string[] arguments)
    {
        await using var process = TestProcess.Start("ip", arguments);
        return await process.WaitForExitAsync(Patience) == 0 ? null : string.Join(' ', process.Errors);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNamespace(int file, int kind);
}
