#pragma warning disable MA0048 // what a trial gives stands with the trials
using System.Collections.Concurrent;
using Sparkish.Membership;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Membership;

/// <summary>What one fault did to a group.</summary>
/// <param name="First">Seconds until the first node held it for down.</param>
/// <param name="All">Seconds until all others did.</param>
/// <param name="Messages">Messages that a node sent a second meanwhile, or within four seconds where that is longer.</param>
internal sealed record Detection(double First, double All, double Messages);

/// <summary>What a group at rest sends.</summary>
/// <param name="Messages">Messages that a node sent a second.</param>
/// <param name="Bytes">Their bytes, a node and second, as the registered codecs write them.</param>
internal sealed record Rest(double Messages, double Bytes);

/// <summary>Faults in groups on virtual time: the same seed gives the same figures on any machine.</summary>
internal static class MembershipTrials
{
    private static readonly TimeSpan ShortestCount = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>One fault in each of many groups, on all cores.</summary>
    public static IReadOnlyList<Detection> InManyGroups(int size, int groups, Action<SwimNode> fault, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<Detection>();
        Parallel.For(1, groups + 1, new ParallelOptions { CancellationToken = cancellationToken }, seed =>
        {
            var group = new SwimGroup(size, seed);
            group.Run(TimeSpan.FromSeconds(3 + (2 * group.Random.NextDouble())));
            found.Add(Detect(group, group.Nodes[group.Random.Next(size)], fault));
        });
        return [.. found];
    }

    /// <summary>One fault after the other in one group, whose nodes come back in between.</summary>
    public static IReadOnlyList<Detection> InOneGroup(int size, int faults, Action<SwimNode> fault, CancellationToken cancellationToken)
    {
        var found = new List<Detection>();
        var group = new SwimGroup(size, seed: 1);
        group.Run(TimeSpan.FromSeconds(5));
        for (var i = 0; i < faults; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var node = group.Nodes[group.Random.Next(1, size)];
            found.Add(Detect(group, node, fault));
            node.Start();
            group.Run(TimeSpan.FromSeconds(10 + group.Random.NextDouble()));
        }

        return found;
    }

    /// <summary>What a group sends while nothing happens.</summary>
    public static Rest AtRest(int size, TimeSpan duration)
    {
        var group = new SwimGroup(size, seed: 1);
        group.Run(TimeSpan.FromSeconds(3));
        var before = group.MessagesSent;
        var bytes = new MessageBytes();
        group.Tap = (_, _, message) => bytes.Add(message);
        group.Run(duration);
        var nodeSeconds = size * duration.TotalSeconds;
        return new Rest((group.MessagesSent - before) / nodeSeconds, bytes.Total / nodeSeconds);
    }

    /// <summary>How many nodes were held for down that were not, in many groups under a fault that no node should be removed for.</summary>
    public static int WronglyRemoved(int size, int groups, Action<SwimGroup> trouble, CancellationToken cancellationToken)
    {
        var removed = 0;
        Parallel.For(1, groups + 1, new ParallelOptions { CancellationToken = cancellationToken }, seed =>
        {
            var group = new SwimGroup(size, seed);
            var seen = new HashSet<RpcAddress>();
            group.Observer = (_, change) =>
            {
                if (change is MemberDown) seen.Add(change.Member.Address);
            };
            group.Run(TimeSpan.FromSeconds(3));
            trouble(group);
            Interlocked.Add(ref removed, seen.Count);
        });
        return removed;
    }

    private static Detection Detect(SwimGroup group, SwimNode node, Action<SwimNode> fault)
    {
        var address = SwimGroup.Address(node.Index);
        var seers = new HashSet<int>();
        var (first, all) = (TimeSpan.Zero, TimeSpan.Zero);
        var others = group.Running.Count() - 1;
        var (start, before) = (group.Now, group.MessagesSent);
        group.Observer = (seer, change) =>
        {
            if (change is not MemberDown || change.Member.Address != address || !seers.Add(seer.Index)) return;
            if (seers.Count == 1) first = group.Now - start;
            all = group.Now - start;
        };
        fault(node);
        if (!group.RunUntil(() => seers.Count == others, Patience))
            throw new SparkException($"{seers.Count} of {others} nodes have seen the end of {node.Index} within {Patience.TotalSeconds:0} s.");
        group.Observer = null;

        // For at least some seconds, or the burst of news after the end of a process would count as if it went on.
        if (group.Now - start < ShortestCount) group.Run(start + ShortestCount - group.Now);
        return new Detection(first.TotalSeconds, all.TotalSeconds, (group.MessagesSent - before) / ((group.Now - start).TotalSeconds * others));
    }
}
