using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>What a journal's nodes hold, which is input like any other.</summary>
[TestFixture]
internal sealed class ZooKeeperFormatTests
{
    private static readonly JournalHead[] Heads =
        [JournalHead.Empty, new(long.MaxValue, "abcdef", 12, null), new(3, "w", 12, new SnapshotPlace(11, "w.s1", 2, 1_000_000))];

    [TestCaseSource(nameof(Heads))]
    public void A_head_is_read_as_it_was_written(object head) => Assert.That(JournalHead.Decode("/j", ((JournalHead)head).Encode()), Is.EqualTo(head));

    [Test]
    public void Every_other_bytes_are_refused_or_read_as_a_sound_head()
    {
        var whole = Heads[2].Encode();
        for (var length = 0; length < whole.Length; length++)
            Assert.That(() => JournalHead.Decode("/j", whole[..length]), Throws.TypeOf<JournalCorruptException>()
                .With.Message.Contains("/j"), $"{length} bytes");
        var read = 0;
        for (var at = 0; at < whole.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var changed = whole.ToArray();
                changed[at] = (byte)value;
                try
                {
                    var head = JournalHead.Decode("/j", changed);
                    Assert.That(head.Epoch >= 0 && head.LastSequence >= 0 && head.Snapshot is null or { IsSound: true }, Is.True);
                    read++;
                }
                catch (JournalCorruptException)
                {
                    // Refused, as it should be.
                }
            }
        }

        Assert.That(read, Is.GreaterThan(whole.Length), "the bytes as they were, and numbers and names that may be");
    }

    [FsCheck.NUnit.Property]
    public void Events_are_read_as_they_were_written(byte[][] payloads)
    {
        if (payloads.Length == 0) payloads = [[]];
        var bytes = BatchFormat.Encode(7, 40, payloads.Select(payload => new ReadOnlyMemory<byte>(payload)), payloads.Length);
        var node = new BatchNode(40, payloads.Length, bytes.Length, null, 0);

        var entries = BatchFormat.Decode("/b", node, bytes);

        Assert.That(bytes, Has.Length.EqualTo(BatchFormat.SizeOf(payloads.Length, payloads.Sum(payload => payload.Length))));
        Assert.That(entries.Select(entry => (entry.Sequence, entry.Epoch)), Is.EqualTo(payloads.Select((_, i) => (40L + i, 7L))));
        Assert.That(entries.Select(entry => entry.Payload.ToArray()), Is.EqualTo(payloads));
        for (var length = 0; length < bytes.Length; length++)
            Assert.That(() => BatchFormat.Decode("/b", node, bytes[..length]), Throws.TypeOf<JournalCorruptException>());
        Assert.That(() => BatchFormat.Decode("/b", node with { First = 41 }, bytes), Throws.TypeOf<JournalCorruptException>());
    }

    [TestCase("0000000000000000001-1-30")]
    [TestCase("0000000000000000001-1-30-ab.b1-2")]
    public void The_name_of_a_batch_says_what_is_in_it(string name) => Assert.That(BatchNode.TryParse(name)?.Name, Is.EqualTo(name));

    [TestCase("")]
    [TestCase("1-1-30")]
    [TestCase("0000000000000000000-1-30")]
    [TestCase("0000000000000000001-0-30")]
    [TestCase("0000000000000000001-31-30")]
    [TestCase("0000000000000000001-1--30")]
    [TestCase("0000000000000000001-1-30-blob")]
    [TestCase("0000000000000000001-1-30-blob-31")]
    [TestCase("0000000000000000001-1-99999999999")]
    public void Other_names_are_none(string name) => Assert.That(BatchNode.TryParse(name), Is.Null);

    [TestCase(0, 1)]
    [TestCase(int.MaxValue, int.MinValue)]
    [TestCase(-3, -2)]
    [TestCase(-2, 0)]
    public void Versions_go_round_and_pass_over_the_one_that_means_any(int version, int next)
    {
        var changes = JournalHead.Empty.SetFrom("/j", version).Cast<ZooKeeperOperation.SetData>().ToList();

        Assert.That(JournalHead.NextVersion(version), Is.EqualTo(next));
        Assert.That(changes.Select(change => change.Version), Is.EqualTo(version == -2 ? new[] { -2, -1 } : [version]));
    }

    [TestCase(0)]
    [TestCase(int.MaxValue - 3)]
    [TestCase(-17)]
    [TestCase(-2)]
    public void A_takeover_leads_to_a_version_that_no_transaction_under_way_expects(int version)
    {
        var expected = new List<int> { version };
        for (var underWay = 1; underWay < ZooKeeperGroupWriter.MaxUnderWay; underWay++) expected.Add(JournalHead.NextVersion(expected[^1]));

        var after = JournalHead.VersionAfterTakeover(version);
        var changes = JournalHead.Empty.TakeOverFrom("/j", version).Cast<ZooKeeperOperation.SetData>().ToList();

        Assert.That(expected, Does.Not.Contain(after).And.Not.Contain(JournalHead.NextVersion(after)));
        Assert.That(after, Is.EqualTo(unchecked(version + changes.Count)).And.Not.EqualTo(-1));
        Assert.That(changes.Select(change => change.Version), Is.EqualTo(Enumerable.Repeat(-1, changes.Count - 1).Prepend(version)));
    }
}
