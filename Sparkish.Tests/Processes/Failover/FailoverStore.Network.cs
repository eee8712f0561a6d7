using System.Globalization;
using Sparkish.Tests.Recovery.ZooKeeper;

namespace Sparkish.Tests.Processes.Failover;

/// <content>The modes that are tested on the built-in env.</content>
internal abstract partial class FailoverStore
{
    /// <summary>The modes with standbys on other machines.</summary>
    public static IEnumerable<string> Modes => ["POSTGRESQL", "ZOOKEEPER", "RAFT"];

    /// <summary>Starts what a mode needs.</summary>
    public static async Task<FailoverStore> OpenAsync(string mode, NamespaceNetwork network)
    {
        if (mode == "RAFT") return new Raft(network);
        if (mode == "FILESYSTEM") return new Files();
        var store = new Shared { Settings = { $"spark.deploy.recoveryMode={mode}" } };
        store.Settings.Add(mode == "ZOOKEEPER"
            ? $"spark.deploy.zookeeper.url={await store.NewRootAsync(network)}"
            : $"spark.deploy.postgresql.url={await store.NewDatabaseAsync(network)}");
        return store;
    }

    /// <summary>A root of its own on the servers of ZooKeeper, through the network.</summary>
    private async Task<string> NewRootAsync(NamespaceNetwork network)
    {
        var ensemble = await ZooKeeperTestServers.EnsembleAsync();
        var root = await ensemble.UrlOfNewRootAsync();
        return string.Join(',', ensemble.All.Select(server => GateTo(network, server.ClientPort).Url)) + root[root.IndexOf('/', StringComparison.Ordinal)..];
    }

    private sealed class Files : FailoverStore
    {
        private readonly TemporaryDirectory _directory = new();

        public override IReadOnlyList<string> SettingsOf(int master) =>
            ["spark.deploy.recoveryMode=FILESYSTEM", $"spark.deploy.recoveryDirectory={_directory.Path}"];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _directory.Dispose();
        }
    }

    private sealed class Raft(NamespaceNetwork network) : FailoverStore
    {
        private const int Masters = 3;
        private readonly TemporaryDirectory _directory = new();

        // Two of three are needed, so one that starts again must be there before another one fails.
        public override string Joined => " follows ";

        public override IReadOnlyList<string> SettingsOf(int master) =>
        [
            "spark.deploy.recoveryMode=RAFT", $"spark.deploy.raft.members={string.Join(',', Enumerable.Range(0, Masters).Select(Member))}",
            $"spark.deploy.raft.address={Member(master)}",
            $"spark.deploy.raft.directory={_directory.File(string.Create(CultureInfo.InvariantCulture, $"raft{master}"))}",
        ];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _directory.Dispose();
        }

        private string Member(int master) => $"{network.AddressOf(master)}:7078";
    }
}
