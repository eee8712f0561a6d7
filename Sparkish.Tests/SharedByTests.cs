using Sparkish.Tests.Recovery;
using Sparkish.Tests.Recovery.ZooKeeper;

namespace Sparkish.Tests;

/// <summary>Ends, after the last test of all, what tests shared: each of them is started by the first test that wants it.</summary>
[SetUpFixture]
internal sealed class SharedByTests
{
    // One such class for all: NUnit would start the fixtures of a namespace with one of its own after all others.
    [OneTimeTearDown]
    public async Task EndAsync()
    {
        RepositoryBuild.Remove();
        await PostgreSqlTestServer.StopAsync();
        await ZooKeeperTestServers.StopAsync();
    }
}
