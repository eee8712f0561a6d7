using System.Collections.Concurrent;

namespace Sparkish.Tests.ClusterManager;

/// <summary>The clusters that run now, for tests that change them while a job runs.</summary>
public static class TestsClusters
{
    private static readonly ConcurrentDictionary<string, TestsBackend> Running = new(StringComparer.Ordinal);

    /// <summary>Returns the cluster of an application.</summary>
    public static TestsBackend Of(SparkContext sc)
    {
        ArgumentNullException.ThrowIfNull(sc);
        return Running[sc.ApplicationId];
    }

    internal static void Add(TestsBackend cluster) => Running[cluster.ApplicationId] = cluster;

    internal static void Remove(TestsBackend cluster) => Running.TryRemove(cluster.ApplicationId, out _);
}
