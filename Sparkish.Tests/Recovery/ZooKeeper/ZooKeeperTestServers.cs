using Sparkish.Benchmarks.Servers;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>
/// The servers that all tests share and leave alone: started when the first test wants them, gone at the end. Each test has a root of its own.
/// </summary>
internal static class ZooKeeperTestServers
{
    private static readonly Lock Starting = new();
    private static Task<ZooKeeperEnsemble>? _shared;

    /// <summary>The servers; where they are not installed, the test is ignored.</summary>
    public static Task<ZooKeeperEnsemble> EnsembleAsync()
    {
        IgnoreWhereMissing();
        lock (Starting) return _shared ??= ZooKeeperEnsemble.StartAsync();
    }

    /// <summary>Skips the test where ZooKeeper is not installed.</summary>
    public static void IgnoreWhereMissing()
    {
        if (ZooKeeperEnsemble.WhyMissing is { } reason) Assert.Ignore(reason);
    }

    /// <summary>Ends the shared servers, if a test has started them.</summary>
    public static async Task StopAsync()
    {
        if (_shared is { } shared) await (await shared).DisposeAsync();
    }
}
