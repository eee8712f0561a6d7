using Sparkish.Membership;
using Sparkish.Simulation;

namespace Sparkish.Tests.Membership;

/// <summary>The contract with a provider that has nothing in common with SWIM.</summary>
internal sealed class StaticMembershipTests : SimulatedMembershipContract
{
    private StaticMembership _provider = null!;

    protected override IMembershipProvider NewProvider() => _provider = new StaticMembership();

    protected override void Lose(SimulatedNode node)
    {
        node.Crash();
        _provider.Lose(SimulatedGroup.AddressOf(node));
    }
}
