using Sparkish.Benchmarks.Servers;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>
/// The servers that all tests of this folder share: started when the first test wants them, gone at the end. Each test has a root of its own.
/// </summary>
[SetUpFixture]
internal sealed class ZooKeeperSetUp
{
    private static readonly Lock Starting = new();
    private static Task<ZooKeeperEnsemble>? _shared;

    /// <summary>The servers; where they are not installed, the test is ignored.</summary>
    public static Task<ZooKeeperEnsemble> EnsembleAsync()
    {
        if (ZooKeeperEnsemble.WhyMissing is { } reason) Assert.Ignore(reason);
        lock (Starting) return _shared ??= ZooKeeperEnsemble.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_shared is { } shared) await (await shared).DisposeAsync();
    }
}
