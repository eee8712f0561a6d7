using Npgsql;
using Sparkish.Tests.Recovery.ZooKeeper;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>Where masters keep their journal, within reach of all machines of a network.</summary>
internal abstract partial class FailoverStore : IAsyncDisposable
{
    private readonly List<TcpGate> _gates = [];

    /// <summary>The settings of one master.</summary>
    public abstract IReadOnlyList<string> SettingsOf(int master);

    /// <summary>What a standby says once it can replace the leader.</summary>
    public virtual string Joined => "waits for its election";

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates) await gate.DisposeAsync();
    }

    /// <summary>An address in the network that leads to a server on this machine's loopback.</summary>
    private TcpGate GateTo(NamespaceNetwork network, int port)
    {
        var gate = new TcpGate(port, network.Listen());
        _gates.Add(gate);
        return gate;
    }

    /// <summary>The connection to a new database, through the network.</summary>
    private async Task<string> NewDatabaseAsync(NamespaceNetwork network)
    {
        var url = new NpgsqlConnectionStringBuilder(await Recovery.PostgreSqlTestServer.NewDatabaseAsync());
        var gate = System.Net.IPEndPoint.Parse(GateTo(network, url.Port).Url);
        (url.Host, url.Port) = (gate.Address.ToString(), gate.Port);
        return url.ConnectionString;
    }

    /// <summary>A store whose masters have the same settings.</summary>
    private sealed class Shared : FailoverStore
    {
        public List<string> Settings { get; } = [];

        public override IReadOnlyList<string> SettingsOf(int master) => Settings;
    }
}
