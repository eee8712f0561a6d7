using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>What the parts of the protocol are given by hand.</summary>
internal static class SwimParts
{
    public static readonly TimeSpan Start = TimeSpan.FromHours(1);

    public static SwimStep NewStep(TimeSpan? now = null, ulong seed = 1, SwimEffects? effects = null, SwimOptions? options = null) =>
        new(options ?? new SwimOptions(), now ?? Start, new SwimRandom(seed), nextNumber: 100, effects ?? new SwimEffects());

    /// <summary>Node 0, which has been told of so many others, all up at incarnation 1.</summary>
    public static SwimView ViewOf(int others)
    {
        var (view, step) = (SwimView.Of(SwimScene.MemberOf(0), incarnation: 1), NewStep());
        return Enumerable.Range(1, others).Aggregate(view, (current, index) => current.Hear(SwimScene.Rumor(index, MemberStatus.Up), isSync: false, step));
    }

    /// <summary>A prober that knows the same others, and asks at the start.</summary>
    public static SwimProber ProberOf(int others)
    {
        var step = NewStep();
        return Enumerable.Range(1, others).Aggregate(new SwimProber { NextProbe = Start }, (prober, index) => prober.Enlist(SwimScene.Address(index), step));
    }

    public static List<(RpcAddress To, IToMembership Message, bool CarriesNews)> Outgoing(this SwimStep step) =>
        [.. step.TakeOutgoing().Select(static sent => (sent.To, sent.Message, sent.CarriesNews))];
}
