using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Leaders;

/// <summary>
/// Leaders as processes, which are frozen and killed: of two that both take themselves for the leader, the store lets only the later one write.
/// </summary>
public abstract class TwoLeadersContract
{
    /// <summary>The store's name in <see cref="LeaderStores"/>.</summary>
    protected abstract string Kind { get; }

    /// <summary>What a leader's process connects to: a place of the test's own. Ignores the test where there is no such store.</summary>
    protected abstract Task<string> NewConnectionAsync();

    protected abstract IJournalStore OpenStore(string connection);

    [Test]
    public async Task A_frozen_leader_wakes_after_another_was_elected_and_writes_nothing_more([Values] bool asksClock)
    {
        var connection = await NewConnectionAsync();
        await using var first = await LeaderProcess.StartAsync(Kind, connection, asksClock);
        var firstEpoch = await first.LeadsAsync();
        await first.WritesAsync();
        await using var second = await LeaderProcess.StartAsync(Kind, connection);
        await first.FreezeAsync();
        var frozen = Stopwatch.StartNew();

        var secondEpoch = await second.LeadsAsync();
        await second.WritesAsync();
        await TestContext.Out.WriteLineAsync($"The second leader wrote {frozen.Elapsed} after the first froze.");
        await first.WakeAsync();
        var end = await first.EndsAsync();
        await second.StopAsync();

        var refused = string.Create(CultureInfo.InvariantCulture, $"refused {firstEpoch} {nameof(StaleEpochException)}");
        Assert.That(secondEpoch, Is.GreaterThan(firstEpoch));
        Assert.That(end, asksClock ? Does.StartWith($"ended {firstEpoch}").Or.StartWith(refused) : Does.StartWith(refused), first.Transcript);
        await AssertInOrderAsync(connection, [first, second]);
    }

    [TestCase(1)]
    [TestCase(3, Category = LongAttribute.Category)]
    public async Task A_killed_leader_is_followed_by_the_next_and_all_that_any_of_them_was_acknowledged_is_there(int kills)
    {
        var connection = await NewConnectionAsync();
        var all = new List<LeaderProcess>();
        try
        {
            var alive = new List<LeaderProcess>();
            for (var i = 0; i < 2; i++) all.Add(await LeaderProcess.StartAsync(Kind, connection));
            alive.AddRange(all);
            for (var i = 0; i < kills; i++)
            {
                var leader = await NextLeaderAsync(alive);
                all.Add(await LeaderProcess.StartAsync(Kind, connection));
                alive.Add(all[^1]);
                alive.Remove(leader);
                leader.Kill();
                var killed = Stopwatch.StartNew();
                await NextLeaderAsync(alive);
                await TestContext.Out.WriteLineAsync($"The next leader wrote {killed.Elapsed} after the kill.");
            }

            foreach (var leader in alive) await leader.StopAsync();
            await AssertInOrderAsync(connection, all);
        }
        finally
        {
            foreach (var leader in all) await leader.DisposeAsync();
        }
    }

    /// <summary>The first of those alive that leads and writes.</summary>
    private static async Task<LeaderProcess> NextLeaderAsync(IEnumerable<LeaderProcess> alive) => await await Task.WhenAny(alive.Select(async leader =>
    {
        await leader.WritesAsync();
        return leader;
    }));

    /// <summary>Terms follow one another in the journal, each is one process's, and what any process was acknowledged is there under its epoch.</summary>
    private async Task AssertInOrderAsync(string connection, IReadOnlyList<LeaderProcess> leaders)
    {
        await using var store = OpenStore(connection);
        await using var reader = await store.OpenReaderAsync(LeaderStores.Name);
        var events = await reader.ReadAsync(0)
            .Select(entry => (entry.Sequence, entry.Epoch, Process: Encoding.UTF8.GetString(entry.Payload.Span))).ToListAsync();

        Assert.That(events.Select(entry => entry.Sequence), Is.EqualTo(Enumerable.Range(1, events.Count).Select(i => (long)i)));
        Assert.That(events.Select(entry => entry.Epoch), Is.Ordered);
        Assert.That(events.GroupBy(entry => entry.Epoch).Select(term => term.Select(entry => entry.Process).Distinct().Count()), Is.All.EqualTo(1));
        foreach (var leader in leaders)
        {
            var written = events.Where(entry => entry.Process == leader.Id.ToString(CultureInfo.InvariantCulture))
                .Select(entry => (entry.Epoch, entry.Sequence));
            Assert.That(leader.Acknowledged, Is.SubsetOf(written.ToHashSet()), leader.Transcript);
        }
    }
}
