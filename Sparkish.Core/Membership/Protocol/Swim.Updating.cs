namespace Sparkish.Membership.Protocol;

/// <content>What a node tells of itself.</content>
internal sealed partial record Swim
{
    /// <summary>The latest of its own incarnations that others have taken for dead: it is told once of each.</summary>
    private long LastDeath { get; init; } = -1;

    /// <summary>Tells something else of itself from now on: under a new incarnation, so that it overrides what was told before.</summary>
    public Swim Update(IReadOnlyDictionary<string, string> metadata, SwimEffects effects)
    {
        if (HasLeft) return this;
        var self = Self with { Metadata = metadata };
        var incarnation = Incarnation + 1;
        effects.Raise(new MemberUp(self));
        var updated = this with { Self = self, Incarnation = incarnation, Hash = Hash ^ MemberEntry.HashOf(Self, Incarnation) ^ MemberEntry.HashOf(self, incarnation) };
        return updated.Tell(updated.SelfRumor);
    }
}
