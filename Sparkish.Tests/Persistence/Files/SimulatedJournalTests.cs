using System.Globalization;
using System.Text;
using Sparkish.Persistence;
using Sparkish.Simulation;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>File journals on simulated nodes that are killed, lose their machine or their disk while they append.</summary>
internal sealed class SimulatedJournalTests
{
    [Test]
    public void Through_kills_and_lost_machines_every_acknowledged_event_stays([Range(1, 100)] int seed)
    {
        var run = new Appending(seed);

        run.Disturb(faults: 12);

        Assert.That(run.Starts, Is.GreaterThan(5));
        Assert.That(run.Acknowledged, Is.GreaterThan(50));
    }

    [Test]
    public void The_same_seed_gives_the_same_run()
    {
        var (first, second) = (new Appending(7), new Appending(7));

        first.Disturb(faults: 5);
        second.Disturb(faults: 5);

        Assert.That((second.Hash, second.Acknowledged), Is.EqualTo((first.Hash, first.Acknowledged)));
    }

    [Test]
    public void A_journal_on_a_lost_disk_begins_anew()
    {
        var cluster = new SimulatedCluster(1);
        var node = cluster.AddNode("n");
        cluster.Run(async () => await (await node.Journals.OpenAsync("j")).AppendAsync([new byte[1]]));
        node.LoseMachine();
        node.Disk.Lose();
        node.Start();

        var journal = cluster.Run(async () => await node.Journals.OpenAsync("j"));

        Assert.That((journal.Epoch, journal.LastSequence), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public void A_node_that_is_down_can_be_looked_at()
    {
        var cluster = new SimulatedCluster(1);
        var node = cluster.AddNode("n");
        cluster.Run(async () => await (await node.Journals.OpenAsync("j")).AppendAsync([new byte[] { 42 }]));
        node.Crash();

        var entries = cluster.Run(async () => await (await node.Journals.OpenReaderAsync("j")).ReadAsync(0).ToListAsync());

        Assert.That(entries.Single().Payload.ToArray(), Is.EqualTo(new byte[] { 42 }));
        Assert.That(node.Disk.Names, Has.All.StartsWith("journals/j/"));
    }

    [Test]
    public void A_full_disk_ends_the_journal_until_there_is_room()
    {
        var cluster = new SimulatedCluster(1);
        var node = cluster.AddNode("n");
        var journal = cluster.Run(async () => await node.Journals.OpenAsync("j"));
        node.Disk.Capacity = node.Disk.Used + 10;

        var failure = cluster.Run(() => FaultFiles.FailureOf(journal.AppendAsync([new byte[100]]).AsTask()));

        Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("No space left").And.Message.Contains("n:journals/j"));
        node.Disk.Capacity = long.MaxValue;
        Assert.That(cluster.Run(async () => (await node.Journals.OpenAsync("j")).LastSequence), Is.Zero);
    }

    /// <summary>A node that opens its journal at each start, checks it, and appends until it dies.</summary>
    private sealed class Appending
    {
        private readonly SimulatedCluster _cluster;
        private readonly SimulatedNode _node;
        private readonly List<string> _events = [];
        private int _number;

        public Appending(int seed)
        {
            _cluster = new SimulatedCluster(seed);
            _node = _cluster.AddNode("n", node =>
            {
                Starts++;
                _ = RunAsync(node.Journals);
            });
        }

        public int Starts { get; private set; }

        public long Acknowledged { get; private set; }

        public ulong Hash => _cluster.TraceHash;

        public void Disturb(int faults)
        {
            var random = _cluster.NewRandom("faults");
            for (var i = 0; i < faults; i++)
            {
                _cluster.RunFor(TimeSpan.FromMicroseconds(random.Next(3_000)));
                if (random.Next(2) == 0) _node.Crash();
                else _node.LoseMachine();
                _cluster.RunFor(TimeSpan.FromMicroseconds(random.Next(100)));
                _node.Start();
            }

            _cluster.RunFor(TimeSpan.FromMilliseconds(20));
        }

        private async Task RunAsync(IJournalStore store)
        {
            try
            {
                var journal = await store.OpenAsync("j");
                await CheckAsync(journal);
                while (true)
                {
                    var appends = Enumerable.Range(0, 1 + (_number % 4)).Select(i => AppendAsync(journal, 1 + i)).ToList();
                    foreach (var append in appends) await append;
                    if (_number % 5 != 0) continue;
                    await journal.SaveSnapshotAsync(new JournalSnapshot(Acknowledged, Encoding.UTF8.GetBytes(_events[(int)Acknowledged - 1])));
                    await journal.TruncateAsync(Acknowledged);
                }
            }
            catch (Exception e)
            {
                _cluster.Fail(e);
            }
        }

        private async Task CheckAsync(IJournal journal)
        {
            Assert.That(journal.LastSequence, Is.InRange(Acknowledged, _events.Count));
            _events.RemoveRange((int)journal.LastSequence, _events.Count - (int)journal.LastSequence);
            Acknowledged = journal.LastSequence;
            var snapshot = await journal.ReadSnapshotAsync();
            if (snapshot is { } saved) Assert.That(Encoding.UTF8.GetString(saved.Payload.Span), Is.EqualTo(_events[(int)saved.Sequence - 1]));
            var next = (snapshot?.Sequence ?? 0) + 1;
            await foreach (var entry in journal.ReadAsync(next - 1))
            {
                Assert.That((entry.Sequence, Encoding.UTF8.GetString(entry.Payload.Span)), Is.EqualTo((next, _events[(int)next - 1])));
                next++;
            }

            Assert.That(next, Is.EqualTo(_events.Count + 1));
        }

        private async Task AppendAsync(IJournal journal, int count)
        {
            var batch = new ReadOnlyMemory<byte>[count];
            for (var i = 0; i < count; i++)
            {
                _events.Add(string.Create(CultureInfo.InvariantCulture, $"event {++_number}"));
                batch[i] = Encoding.UTF8.GetBytes(_events[^1]);
            }

            var expected = _events.Count;
            Assert.That(await journal.AppendAsync(batch), Is.EqualTo(expected));
            Acknowledged = expected;
        }
    }
}
