using System.Collections.Immutable;
using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>One node of the protocol by itself: what it is told is written by hand, and what it wants sent and told is looked at.</summary>
internal sealed class SwimScene
{
    private readonly SwimEffects _effects = new();
    private int _answered;

    /// <summary>A node 0 that has been told of so many others, all up at incarnation 1.</summary>
    public SwimScene(int others, SwimOptions? options = null)
    {
        Node = Swim.Start((options ?? new SwimOptions()) with { Seeds = [Address(1)] }, MemberOf(0), incarnation: 1, seed: 1, Now, _effects);
        Hear(new FullState(Address(1), IsAnswer: true, [.. Enumerable.Range(1, others).Select(index => Rumor(index, MemberStatus.Up))]));
        Forget();
    }

    public Swim Node { get; private set; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public IReadOnlyList<(RpcAddress To, IToMembership Message)> Sent => _effects.Sends;

    public IReadOnlyList<MemberEvent> Events => _effects.Events;

    /// <summary>Other processes that claim its address.</summary>
    public IReadOnlyList<Member> Rivals => _effects.Rivals;

    public static RpcAddress Address(int index) => SwimGroup.Address(index);

    public static Member MemberOf(int index, long uid = 1) => new(Address(index), uid, $"node {index}", [], ImmutableDictionary<string, string>.Empty);

    public static MemberRumor Rumor(int index, MemberStatus status, long incarnation = 1, int by = 9, bool isRefused = false, long uid = 1) =>
        new(MemberOf(index, uid), incarnation, status, Address(by), status == MemberStatus.Up ? "" : "no answer", isRefused);

    public MemberEntry Entry(int index) => Node.View.Members[Address(index)];

    public void Hear(IToMembership message) => Node = Node.Receive(message, Now, _effects);

    /// <summary>Hears news from a node.</summary>
    public void Hear(params MemberRumor[] rumors) => Hear(new News(Address(9), [.. rumors]));

    public void Refuse(int index) => Node = Node.OnRefused(Address(index), Now, _effects);

    public void Disconnect(int index) => Node = Node.OnDisconnected(Address(index), Now, _effects);

    public void Leave() => Node = Node.Leave(_effects);

    /// <summary>Lets time pass without its doing anything.</summary>
    public void Stall(TimeSpan duration) => Now += duration;

    public void Advance() => Node = Node.Advance(Now, _effects);

    /// <summary>Runs all that is due for a time; pings to those who answer are answered at once.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="silent">Who does not answer.</param>
    /// <param name="nack">Whether those who are asked to try a silent one say that they did so in vain.</param>
    public void Run(TimeSpan duration, IReadOnlyCollection<int> silent, bool nack = true)
    {
        var end = Now + duration;
        while (Node.Due <= end)
        {
            Now = Node.Due > Now ? Node.Due : Now;
            Advance();
            for (; _answered < Sent.Count; _answered++) Answer(Sent[_answered].To, Sent[_answered].Message, silent, nack);
        }

        Now = end;
    }

    /// <summary>Forgets what was sent and told.</summary>
    public void Forget()
    {
        _effects.Clear();
        _answered = 0;
    }

    private void Answer(RpcAddress from, IToMembership message, IReadOnlyCollection<int> silent, bool nack)
    {
        if (silent.Any(index => Address(index) == from)) return;
        if (message is Ping ping) Hear(new Ack(from, ping.Number, []));
        if (message is not PingRequest { Number: > 0 } request) return;
        if (silent.All(index => Address(index) != request.Target)) Hear(new Ack(from, request.Number, []));
        else if (nack) Hear(new Nack(from, request.Number));
    }
}
