using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.TestKit;

namespace Sparkish.Tests.Membership;

/// <summary>
/// What a user of membership has in hand, whichever provider is behind it. A fixture for a provider derives from it, and brings a group of nodes that use the
/// provider.
/// </summary>
internal abstract class MembershipContract
{
    /// <summary>Starts nodes that join one group.</summary>
    protected abstract IMemberGroup NewGroup();

    protected IMemberGroup Members { get; private set; } = null!;

    private int Last => Members.Size - 1;

    private IEnumerable<int> Nodes => Enumerable.Range(0, Members.Size);

    [SetUp]
    public Task AllMembers()
    {
        Members = NewGroup();
        return Members.RunAsync(UntilAllAgreeAsync);
    }

    [TearDown]
    public async Task EndMembers() => await Members.DisposeAsync();

    [Test]
    public Task Who_leaves_is_told_of_as_such_and_not_as_dead() => Members.RunAsync(async () =>
    {
        var gone = Members[Last].Current.Self;

        await Members[Last].LeaveAsync();
        await UntilToldOfEndAsync(gone, Nodes);

        Assert.That(ToldOf(gone).Select(told => told.Node).Distinct(), Is.EquivalentTo(Nodes));
        Assert.That(ToldOf(gone).Select(told => told.Change), Has.All.InstanceOf<MemberLeft>().Or.InstanceOf<MemberUp>());
    });

    [Test]
    public Task Leaving_twice_is_harmless_and_who_has_left_can_join_again() => Members.RunAsync(async () =>
    {
        var gone = Members[Last].Current.Self;
        await Members[Last].LeaveAsync();
        await Members[Last].LeaveAsync();
        await UntilToldOfEndAsync(gone, Nodes.Where(node => node != Last));

        Members.JoinAgain(Last);

        await UntilAllAgreeAsync();
    });

    [Test]
    public Task An_env_that_stops_has_left() => Members.RunAsync(async () =>
    {
        var gone = Members[Last].Current.Self;

        await Members[Last].Env.DisposeAsync();
        await UntilToldOfEndAsync(gone, Nodes.Where(node => node != Last));
        await QuietAsync();

        Assert.That(ToldOf(gone).Where(told => told.Node != Last).Select(told => told.Change).Where(change => change is not MemberUp),
            Has.Exactly(Members.Size - 1).InstanceOf<MemberLeft>().And.None.InstanceOf<MemberDown>());
    });

    [Test]
    public Task New_metadata_reaches_all_as_a_member_that_is_up() => Members.RunAsync(async () =>
    {
        var heard = Members.Told.Count;
        var changed = Members[Last].Current.Self;

        await Members[Last].UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["application"] = "app-7" });
        await Members.UntilAsync(() => Nodes.All(node => ToldOf(changed, heard).Any(told => told.Node == node)));
        await QuietAsync();

        Assert.That(ToldOf(changed, heard).Select(told => told.Node), Is.EquivalentTo(Nodes));
        Assert.That(ToldOf(changed, heard).Select(told => (told.Change as MemberUp)?.Member.Metadata["application"]), Has.All.EqualTo("app-7"));
        Assert.That(Nodes.Select(node => Members[node].Current.Members.Single(member => member == changed).Metadata["application"]), Has.All.EqualTo("app-7"));
        Assert.That(Members[0].Current.Members.Single(member => member == changed).Roles, Is.EqualTo(new[] { "worker" }));
    });

    [Test]
    public Task A_subscriber_gets_the_group_and_then_each_change_of_it() => Members.RunAsync(async () =>
    {
        var lost = Members[Last].Current.Self;
        var probe = TestProbe.On(Members[0].Env);
        Members[0].Subscribe(probe.Self);
        Members[0].Subscribe(probe.Self);

        var snapshot = await probe.ExpectAsync<MembershipSnapshot>();
        var all = Nodes.Select(node => Members[node].Env.Address).ToList();
        Members.Lose(Last);

        var suspected = await probe.ExpectAsync<MemberSuspected>(timeout: TimeSpan.FromMinutes(1));
        var down = await probe.ExpectAsync<MemberDown>(timeout: TimeSpan.FromMinutes(1));
        Assert.That(snapshot.Members.Select(member => member.Address), Is.EquivalentTo(all));
        Assert.That((suspected.Version, down.Version), Is.EqualTo((snapshot.Version + 1, snapshot.Version + 2)));
        Assert.That((suspected.Member, down.Member), Is.EqualTo((lost, lost)));
        Assert.That(Members[0].Current.Version, Is.EqualTo(down.Version));
    });

    [Test]
    public Task Who_has_unsubscribed_is_told_no_more() => Members.RunAsync(async () =>
    {
        var probe = TestProbe.On(Members[0].Env);
        Members[0].Subscribe(probe.Self);
        await probe.ExpectAsync<MembershipSnapshot>();

        Members[0].Unsubscribe(probe.Self);
        Members.Lose(Last);
        await Members.UntilAsync(() => Members[0].Current.Members.Count == Members.Size - 1);

        await probe.ExpectNoneAsync(Members.Quiet);
    });

    [Test]
    public Task An_endpoint_of_another_env_cannot_subscribe() => Members.RunAsync(() =>
    {
        var elsewhere = TestProbe.On(Members[1].Env).Self;

        Assert.That(() => Members[0].Subscribe(elsewhere), Throws.ArgumentException.With.Message.Contains("subscribe it in its own env"));
        return Task.CompletedTask;
    });

    [Test]
    public Task An_env_joins_once() => Members.RunAsync(() =>
    {
        Assert.That(() => ClusterMembership.Join(Members[0].Env), Throws.InvalidOperationException.With.Message.Contains("is a member already"));
        return Task.CompletedTask;
    });

    [Test]
    public Task An_env_that_does_not_listen_cannot_join() => Members.RunAsync(async () =>
    {
        await using var client = Members.NewClient();

        Assert.That(() => ClusterMembership.Join(client), Throws.TypeOf<SparkException>().With.Message.Contains("create it with Listen = true"));
    });

    [Test]
    public Task Too_much_metadata_is_refused() => Members.RunAsync(async () =>
    {
        var much = new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = new('x', 5000) };

        Assert.That(await ErrorOfAsync(Members[0].UpdateAsync(much)),
            Is.TypeOf<SparkException>().With.Message.Contains("5007 characters but may have 4096"));
    });

    [Test]
    public Task A_node_that_starts_again_is_told_of_after_the_end_of_its_predecessor() => Members.RunAsync(async () =>
    {
        var first = Members[Last].Current.Self;

        Members.StartAgain(Last);
        await UntilAllAgreeAsync();

        var second = Members[Last].Current.Self;
        await Members.UntilAsync(() => ToldOf(second).Any(told => told.Node == 0));
        var told = Members.Told.Where(told => told.Node == 0 && told.Change is MemberUp or MemberDown).Select(told => told.Change).ToList();
        Assert.That(second.Uid, Is.Not.EqualTo(first.Uid));
        Assert.That(told.FindLastIndex(change => change.Member == first), Is.EqualTo(told.FindIndex(change => change.Member == second) - 1));
        Assert.That(told.FindLast(change => change.Member == first), Is.InstanceOf<MemberDown>());
    });

    [Test]
    public Task After_the_end_nothing_is_told_and_what_is_asked_says_why() => Members.RunAsync(async () =>
    {
        var probe = TestProbe.On(Members[Last].Env);
        var membership = Members[Last];
        await membership.LeaveAsync();

        membership.Subscribe(probe.Self);
        membership.Unsubscribe(probe.Self);

        await probe.ExpectNoneAsync(Members.Quiet);
        Assert.That(membership.Current.Members, Does.Not.Contain(membership.Current.Self));
        Assert.That(await ErrorOfAsync(membership.UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal))),
            Is.TypeOf<SparkException>().With.Message.Contains("has left the group: join again"));
    });

    /// <summary>Waits until all nodes see exactly each other, each in its present life, and suspect none.</summary>
    private Task UntilAllAgreeAsync() => Members.UntilAsync(() =>
    {
        var all = Nodes.Select(node => Members[node].Current.Self).ToHashSet();
        return Nodes.All(node => Members[node].Current is { Suspected.Count: 0 } seen && all.SetEquals(seen.Members));
    });

    /// <summary>Waits until nodes have been told of the end of a member.</summary>
    private Task UntilToldOfEndAsync(Member gone, IEnumerable<int> by) =>
        Members.UntilAsync(() => by.All(node => ToldOf(gone).Any(told => told.Node == node && told.Change is MemberDown or MemberLeft)));

    private async Task QuietAsync() => await TestProbe.On(Members[0].Env).ExpectNoneAsync(Members.Quiet);

    private IEnumerable<(int Node, MemberEvent Change)> ToldOf(Member member, int since = 0) =>
        Members.Told.Skip(since).Where(told => told.Change.Member == member);

    private static async Task<Exception?> ErrorOfAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
