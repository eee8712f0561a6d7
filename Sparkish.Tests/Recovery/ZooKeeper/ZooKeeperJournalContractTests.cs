using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Tests.Persistence;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>The contract on three real servers.</summary>
[TestFixture("")]
[TestFixture("spark:secret")]
internal sealed class ZooKeeperJournalContractTests(string credentials) : JournalContract
{
    private string _url = "";

    protected override async Task PrepareAsync() => _url = await (await ZooKeeperTestServers.EnsembleAsync()).UrlOfNewRootAsync();

    protected override IJournalStore NewStore(AppendLimits limits) =>
        new ZooKeeperJournalStore(
            ZooKeeperOptions.From(_url, TimeSpan.FromSeconds(20), credentials), "/spark", TimeProvider.System, NullLogger.Instance, limits);

    protected override Task<IJournalStore> OtherAsync(IJournalStore store) => Task.FromResult(NewStore(AppendLimits.Default));
}
