using Sparkish.Deploy.Master;
using Sparkish.Rpc;

namespace Sparkish.Tests.Deploy.Master;

internal sealed class LifeSignsTests
{
    private static readonly RpcAddress Node = new("node", 1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Test]
    public void Silence_is_the_time_since_the_last_sign()
    {
        var signs = New();
        signs.Heard(Node);
        signs.Advance(Second);
        signs.Advance(Second);

        Assert.That(signs.SilenceOf(Node), Is.EqualTo(Second * 2));
    }

    [Test]
    public void A_pause_of_the_master_counts_as_two_intervals_at_most()
    {
        var signs = New();
        signs.Heard(Node);

        signs.Advance(TimeSpan.FromHours(1));

        Assert.That(signs.SilenceOf(Node), Is.EqualTo(Second * 2));
    }

    [Test]
    public void A_node_that_is_heard_again_after_a_lost_connection_is_not_absent()
    {
        var signs = New();
        signs.Heard(Node);
        signs.Lost(Node);
        signs.Advance(Second);
        var lost = signs.AbsenceOf(Node);

        signs.Heard(Node);

        Assert.That((lost, signs.AbsenceOf(Node)), Is.EqualTo(((TimeSpan?)Second, (TimeSpan?)null)));
    }

    [Test]
    public void The_absence_counts_from_the_first_loss()
    {
        var signs = New();
        signs.Heard(Node);
        signs.Lost(Node);
        signs.Advance(Second);

        signs.Lost(Node);

        Assert.That(signs.AbsenceOf(Node), Is.EqualTo(Second));
    }

    [Test]
    public void A_node_that_was_never_heard_has_all_the_time()
    {
        var signs = New();
        signs.Advance(Second);

        Assert.That((signs.SilenceOf(Node), signs.AbsenceOf(Node)), Is.EqualTo((TimeSpan.Zero, (TimeSpan?)null)));
    }

    private static LifeSigns<RpcAddress> New() => new(Second);
}
