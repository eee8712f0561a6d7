using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// All nodes in random order. Probes go through it from end to end, so each node is probed again within a bounded time. Random nodes are picked from it.
/// </summary>
internal sealed record ProbeRound
{
    private ImmutableArray<RpcAddress> Order { get; init; } = [];

    private int NextInOrder { get; init; }

    /// <summary>Lets the round that runs call a node, too, at a place by chance.</summary>
    public ProbeRound Enlist(RpcAddress address, SwimStep step) =>
        this with { Order = Order.Insert(NextInOrder + step.Next(Order.Length - NextInOrder + 1), address) };

    /// <summary>Returns the next present node, of this round or of a new one; null if no node is left.</summary>
    public (RpcAddress? Target, ProbeRound Left) Next(SwimView view, SwimStep step)
    {
        var round = this;
        for (var tries = 0; tries < 2; tries++)
        {
            while (round.NextInOrder < round.Order.Length)
            {
                var address = round.Order[round.NextInOrder];
                round = round with { NextInOrder = round.NextInOrder + 1 };
                if (view.There(address) is not null) return (address, round);
            }

            round = Shuffled(view, step);
        }

        return (null, round);
    }

    /// <summary>Returns some other nodes that are up, each once, in random order.</summary>
    public ImmutableArray<RpcAddress> Pick(int count, RpcAddress except, SwimView view, SwimStep step)
    {
        var picked = ImmutableArray.CreateBuilder<RpcAddress>(count);

        // By trial, as memberlist does: groups are large, and few of the order are gone.
        for (var trials = Order.IsEmpty ? 0 : 3 * count; trials > 0 && picked.Count < count; trials--)
        {
            var address = Order[step.Next(Order.Length)];
            if (address != except && !picked.Contains(address) && view.IsUp(address)) picked.Add(address);
        }

        return picked.DrainToImmutable();
    }

    private static ProbeRound Shuffled(SwimView view, SwimStep step)
    {
        var order = view.Members.Values.Where(static entry => entry.IsThere).Select(static entry => entry.Member.Address).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = step.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return new ProbeRound { Order = ImmutableCollectionsMarshal.AsImmutableArray(order) };
    }
}
