namespace Sparkish.Membership.Protocol;

/// <content>Good-bye.</content>
internal sealed partial record Swim
{
    /// <summary>
    /// To whom a node says good-bye itself. All who have a connection with it see it end a moment later, and whoever has not heard why asks, is refused, and
    /// takes it for killed; so it tells all, but for groups where that would be much work.
    /// </summary>
    private const int MostFarewells = 500;

    /// <summary>Says good-bye to the others, each of whom answers with an <see cref="Ack"/>; nothing happens afterwards.</summary>
    public Swim Leave(SwimEffects effects)
    {
        if (HasLeft) return this;
        var farewell = SelfRumor with { Status = MemberStatus.Left };
        var (told, state) = Others <= MostFarewells
            ? ([.. Members.Values.Where(static entry => entry.IsThere).Select(static entry => entry.Member.Address)], this)
            : PickOthers(MostFarewells, except: default);
        foreach (var address in told) effects.Send(address, new Ping(Self.Address, NextNumber, [farewell]));
        effects.Raise(new MemberLeft(Self));
        return state with { HasLeft = true };
    }
}
