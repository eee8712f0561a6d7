using System.Globalization;
using System.Text;
using Akka.Actor;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Akka.Membership;

/// <summary>
/// Tells proven peers where this node's actor system for the cluster is, and asks theirs: seeds are addresses of envs, and the cluster has addresses of its
/// own.
/// </summary>
internal sealed class ClusterAddress : IBulkSource
{
    /// <summary>The path prefix of these streams.</summary>
    public const string Prefix = "akka-cluster";

    private const int MaxBytes = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Entry? _entry;

    /// <summary>This node's cluster is another one from now on.</summary>
    /// <param name="group">The name of the group, which peers must ask for.</param>
    /// <param name="describe">Gives the cluster of the moment.</param>
    /// <returns>Takes this cluster back, unless another one has taken its place.</returns>
    public Action Set(string group, Func<FoundCluster> describe)
    {
        var entry = new Entry(group, describe);
        Volatile.Write(ref _entry, entry);
        return () => Interlocked.CompareExchange(ref _entry, null, entry);
    }

    public BulkContent Open(string path)
    {
        if (Volatile.Read(ref _entry) is not { } entry)
            throw new BulkNotFoundException("that node has not joined a group by Akka.Cluster: give all nodes of a group the same spark.membership.provider");
        if (!string.Equals(path, PathOf(entry.Group), StringComparison.Ordinal))
            throw new BulkNotFoundException($"that node belongs to group '{entry.Group}' (spark.membership.cluster), or to another release");
        var cluster = entry.Describe();
        return new BulkContent().Add(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{cluster.Members} {cluster.Address}")));
    }

    /// <summary>Asks a node for its cluster.</summary>
    /// <exception cref="SparkException">It cannot be reached, or has none.</exception>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public static Task<FoundCluster> FindAsync(RpcEnv env, RpcAddress node, string group) => env.RunBlockingAsync(() =>
    {
        using var stream = env.OpenBulk(node, $"{Prefix}/{PathOf(group)}");
        if (stream.Length is < 1 or > MaxBytes) throw new SparkException($"it describes its cluster by {stream.Length} bytes");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Parse(Encoding.UTF8.GetString(bytes)) ?? throw new SparkException("it describes its cluster by a text that is not an address");
    }).WaitAsync(Patience, env.Time);

    private static FoundCluster? Parse(string text) =>
        text.Split(' ') is [var members, var address] && int.TryParse(members, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && ActorPath.TryParseAddress(address, out var parsed) && parsed is { Host: not null, Port: > 0 }
            ? new FoundCluster(parsed, count)
            : null;

    private static string PathOf(string group) => $"1/{Uri.EscapeDataString(group)}";

    private sealed record Entry(string Group, Func<FoundCluster> Describe);
}
