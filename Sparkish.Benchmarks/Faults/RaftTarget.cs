using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sparkish.Benchmarks.Faults;

/// <summary>Raft members: each candidate is one, so there are no servers. A gate is on the way from one candidate to each member.</summary>
internal sealed class RaftTarget : FaultTarget
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sparkish-faults-").FullName;
    private readonly List<int> _ports = FreePorts(3);

    public override string Kind => FaultStores.Raft;

    public override string Direct => $"{_directory}|{Text(_ports)}";

    public override IReadOnlyList<int> Ports => _ports;

    public override string Through(IReadOnlyList<FaultGate> gates) => $"{Direct}|{Text(gates.Select(static gate => gate.Port))}";

    public override IReadOnlyList<ServerFault> Faults(Random random) => [];

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ports that nobody listens on now.</summary>
    public static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.ConvertAll(static listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }

    private static string Text(IEnumerable<int> ports) => string.Join(',', ports.Select(static port => port.ToString(CultureInfo.InvariantCulture)));
}
