using Sparkish.Persistence;
using Sparkish.Tests.Recovery.Leaders;

namespace Sparkish.Tests.Recovery.ZooKeeper;

public sealed class ZooKeeperTwoLeadersTests : TwoLeadersContract
{
    protected override string Kind => "zookeeper";

    protected override async Task<string> NewConnectionAsync() => await (await ZooKeeperTestServers.EnsembleAsync()).UrlOfNewRootAsync();

    protected override IJournalStore OpenStore(string connection) => LeaderStores.OpenZooKeeper(connection);
}
