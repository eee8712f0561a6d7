using System.Collections.Immutable;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>What reports of a provider change, and that each is about one incarnation.</summary>
internal sealed class MemberListTests
{
    private static readonly Member Self = MemberOf("self", uid: 1);
    private readonly List<MemberEvent> _told = [];

    [SetUp]
    public void ForgetWhatWasTold() => _told.Clear();

    [Test]
    public void A_member_is_told_of_when_it_comes_is_suspected_recovers_and_goes()
    {
        var a = MemberOf("a", uid: 5);

        var there = After(new MemberUp(a), new MemberSuspected(a, Self.Address, "silent"));
        var suspected = there.Snapshot;
        var gone = Apply(there, new MemberUp(a), new MemberDown(a, "dead")).Snapshot;

        Assert.That((suspected.Members, suspected.Suspected), Is.EqualTo((new[] { a, Self }, new[] { a })));
        Assert.That((gone.Version, gone.Members, gone.Suspected.Count), Is.EqualTo((4, new[] { Self }, 0)));
        Assert.That(_told.Select(change => (change.GetType(), change.Version)), Is.EqualTo(
            new[] { (typeof(MemberUp), 1L), (typeof(MemberSuspected), 2L), (typeof(MemberUp), 3L), (typeof(MemberDown), 4L) }));
    }

    [Test]
    public void What_changes_nothing_is_not_told()
    {
        var (a, b) = (MemberOf("a", uid: 5), MemberOf("b", uid: 6));

        After(new MemberUp(a), new MemberUp(a), new MemberSuspected(a, Self.Address, "silent"), new MemberSuspected(a, b.Address, "silent"),
            new MemberLeft(b), new MemberDown(b, "dead"), new MemberSuspected(b, Self.Address, "silent"), new MemberUp(Self));

        Assert.That(_told, Has.Count.EqualTo(2));
    }

    [Test]
    public void Another_process_at_an_address_ends_the_one_before()
    {
        var (first, second) = (MemberOf("a", uid: 5), MemberOf("a", uid: 3));

        var list = After(new MemberUp(first), new MemberUp(second));

        Assert.That(_told.Select(change => (change.GetType(), change.Member.Uid)),
            Is.EqualTo(new[] { (typeof(MemberUp), 5L), (typeof(MemberDown), 5L), (typeof(MemberUp), 3L) }));
        Assert.That(list.Snapshot.Members, Is.EqualTo(new[] { second, Self }));
    }

    [Test]
    public void Late_reports_of_a_predecessor_never_reach_its_successor()
    {
        var (first, second) = (MemberOf("a", uid: 5), MemberOf("a", uid: 6));
        var list = After(new MemberUp(first), new MemberUp(second));
        _told.Clear();

        var after = Apply(list, new MemberSuspected(first, Self.Address, "silent"), new MemberUp(first), new MemberDown(first, "dead"), new MemberLeft(first));

        Assert.That(_told, Is.Empty);
        Assert.That(after.Snapshot.Members, Is.EqualTo(new[] { second, Self }));
    }

    [Test]
    public void A_member_that_was_taken_for_dead_comes_up_again_under_the_same_incarnation()
    {
        var a = MemberOf("a", uid: 5);

        var list = After(new MemberUp(a), new MemberDown(a, "dead"), new MemberUp(a));

        Assert.That(list.Snapshot.Members, Is.EqualTo(new[] { a, Self }));
    }

    [Test]
    public void Other_metadata_is_a_change_and_that_of_the_node_itself_is_its_own()
    {
        var told = ImmutableDictionary<string, string>.Empty.Add("cores", "4");

        var list = After(new MemberUp(Self with { Metadata = told }));

        Assert.That((list.Version, list.Self.Metadata["cores"], list.Snapshot.Members.Single().Metadata["cores"]), Is.EqualTo((1, "4", "4")));
    }

    private static Member MemberOf(string host, long uid) => new(new RpcAddress(host, 7077), uid, host, [], ImmutableDictionary<string, string>.Empty);

    private MemberList After(params MemberEvent[] changes) => Apply(MemberList.Of(Self), changes);

    private MemberList Apply(MemberList list, params MemberEvent[] changes) => changes.Aggregate(list, (current, change) => current.After(change, _told));
}
