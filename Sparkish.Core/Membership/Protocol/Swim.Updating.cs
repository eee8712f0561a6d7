namespace Sparkish.Membership.Protocol;

/// <content>What a node tells of itself.</content>
internal sealed partial record Swim
{
    /// <summary>How many are told at once that a node lives.</summary>
    private const int ToldThatItLives = 3;

    /// <summary>The latest of its own incarnations that others have taken for dead: it is told once of each.</summary>
    private long LastDeath { get; init; } = -1;

    /// <summary>Tells something else of itself from now on: under a new incarnation, so that it overrides what was told before.</summary>
    public Swim Update(IReadOnlyDictionary<string, string> metadata, SwimEffects effects)
    {
        if (HasLeft) return this;
        var updated = Renewed(Self with { Metadata = metadata });
        effects.Raise(new MemberUp(updated.Self));
        return updated;
    }

    /// <summary>
    /// Says that this node lives, to some who tell the others: for a node that hears nothing just now, and so cannot answer. It judges nobody meanwhile:
    /// <see cref="Advance"/> is to be called again when it hears, and takes the time between as one in which it stood still.
    /// </summary>
    public Swim SpeakUp(SwimEffects effects)
    {
        if (HasLeft) return this;
        var (targets, state) = Renewed(Self).PickOthers(ToldThatItLives, except: default);
        foreach (var target in targets) effects.Send(target, new News(Self.Address, [state.SelfRumor]));
        return state;
    }

    private Swim Renewed(Member self)
    {
        var incarnation = Incarnation + 1;
        var renewed = this with { Self = self, Incarnation = incarnation, Hash = Hash ^ MemberEntry.HashOf(Self, Incarnation) ^ MemberEntry.HashOf(self, incarnation) };
        return renewed.Tell(renewed.SelfRumor);
    }
}
