using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.Raft;

namespace Sparkish.Tests.Recovery.Raft;

internal sealed class RaftOptionsTests
{
    [Test]
    public void Members_are_read_in_their_order()
    {
        var options = RecoveryMode.RaftOptionsOf(Conf("A:7, b:8,[::1]:9", "B:8"), "RAFT");

        Assert.That(options.Members.Select(RaftOptions.Text), Is.EqualTo(new[] { "a:7", "b:8", "[::1]:9" }));
        Assert.That(options.Others.Select(RaftOptions.Text), Is.EqualTo(new[] { "a:7", "[::1]:9" }));
        Assert.That(options.Lease, Is.LessThan(options.ElectionTimeout));
    }

    [TestCase("", "a:1", "spark.deploy.raft.members must be set")]
    [TestCase("a:1,b:2,c:3", "", "spark.deploy.raft.address must be set")]
    [TestCase("a:1,b:2", "a:1", "2 members")]
    [TestCase("a:1,b:2,c:3,d:4", "a:1", "4 members")]
    [TestCase("a:1,b:2,A:1", "a:1", "names a member twice")]
    [TestCase("a:1,b:2,c:3", "d:1", "'d:1', which is not one of")]
    [TestCase("a:1,b,c:3", "a:1", "the entry 'b'")]
    [TestCase("a:1,b:0,c:3", "a:1", "the entry 'b:0'")]
    [TestCase("a:1,b:65536,c:3", "a:1", "the entry 'b:65536'")]
    public void A_wrong_member_is_refused_with_the_key_and_the_value(string members, string address, string part) =>
        Assert.That(() => RecoveryMode.RaftOptionsOf(Conf(members, address), "RAFT"), Throws.InstanceOf<SparkException>().With.Message.Contains(part));

    [TestCase("50ms")]
    [TestCase("2min")]
    public void An_election_timeout_out_of_range_is_refused(string timeout) =>
        Assert.That(() => RecoveryMode.RaftOptionsOf(Conf("a:1,b:2,c:3", "a:1").Set("spark.deploy.raft.electionTimeout", timeout), "RAFT"),
            Throws.InstanceOf<SparkException>().With.Message.Contains("spark.deploy.raft.electionTimeout"));

    [Test]
    public async Task Beyond_this_machine_a_member_listens_only_with_protection()
    {
        using var directory = new TemporaryDirectory();
        var conf = Conf("192.0.2.1:7979,192.0.2.2:7979,192.0.2.3:7979", "192.0.2.1:7979").Set("spark.deploy.raft.directory", directory.File("member"));
        await using var mode = RecoveryMode.From(conf, TimeProvider.System, NullLoggerFactory.Instance);

        Assert.That(async () => await mode.Election.CampaignAsync("me"),
            Throws.InstanceOf<SparkException>().With.Message.Contains("192.0.2.1").And.Message.Contains("without authentication"));
    }

    private static SparkConf Conf(string members, string address) => new SparkConf()
        .Set("spark.deploy.recoveryMode", "RAFT").Set("spark.deploy.raft.members", members).Set("spark.deploy.raft.address", address)
        .Set("spark.deploy.raft.directory", "/nowhere");
}
