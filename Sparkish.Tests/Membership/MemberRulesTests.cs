using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>What a peer may say of members.</summary>
internal sealed class MemberRulesTests
{
    private static readonly RpcAddress Good = new("10.0.0.1", 7077);

    [TestCase("", 1)]
    [TestCase("a host", 1)]
    [TestCase("host\n2026-01-01 forged line", 1)]
    [TestCase("host\u001b[2J", 1)]
    [TestCase("host\u202etxt", 1)]
    [TestCase("host\0", 1)]
    [TestCase("user@host", 1)]
    [TestCase("host/path", 1)]
    [TestCase("[::1]", 1)]
    [TestCase("host", 0)]
    [TestCase("host", -1)]
    [TestCase("host", 65536)]
    [TestCase("host", int.MinValue)]
    public void An_address_that_is_none_is_refused_wherever_it_stands(string host, int port)
    {
        var bad = new RpcAddress(host, port);

        using (Assert.EnterMultipleScope())
        {
            foreach (var message in MessagesWith(bad)) Assert.That(MemberRules.ErrorOf(message), Does.Contain("address"), message.GetType().Name);
            foreach (var message in MessagesWith(Good)) Assert.That(MemberRules.ErrorOf(message), Is.Null, message.GetType().Name);
        }
    }

    [TestCase("host-1.example.org")]
    [TestCase("fe80::1%eth0")]
    [TestCase("b\u00fccher.example")]
    public void Names_and_literals_are_taken(string host) => Assert.That(MemberRules.ErrorOf(new Nack(new RpcAddress(host, 1), 1)), Is.Null);

    [Test]
    public void A_host_of_any_length_but_a_sane_one_is_refused() =>
        Assert.That(MemberRules.ErrorOf(new Nack(new RpcAddress(new string('a', 257), 1), 1)), Does.Contain("address"));

    [Test]
    public void Names_and_roles_have_no_control_characters()
    {
        var named = Rumor(Good, Good) with { Member = new Member(Good, 1, "a\nb", [], new Dictionary<string, string>(StringComparer.Ordinal)) };
        var cast = Rumor(Good, Good) with { Member = new Member(Good, 1, "a", ["\u001b[31m"], new Dictionary<string, string>(StringComparer.Ordinal)) };

        foreach (var rumor in new[] { named, cast }) Assert.That(MemberRules.ErrorOf(new News(Good, [rumor])), Does.Contain("control characters"));
    }

    private static IEnumerable<IToMembership> MessagesWith(RpcAddress address) =>
    [
        new Ping(address, 1, []), new Ack(address, 1, []), new PingRequest(address, 1, Good, []), new PingRequest(Good, 1, address, []),
        new FullState(address, true, []), new News(address, []), new Nack(address, 1), new Digest(address, 1), new News(Good, [Rumor(address, Good)]),
        new News(Good, [Rumor(Good, address)]),
    ];

    private static MemberRumor Rumor(RpcAddress member, RpcAddress by) =>
        new(new Member(member, 1, "a", [], new Dictionary<string, string>(StringComparer.Ordinal)), 1, MemberStatus.Up, by);
}
