using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport;
using Sparkish.Tests.Rpc.Local;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class AskTableTests
{
    /// <summary>Against a dictionary: adds, and takes of numbers that are known, were taken before, or never existed.</summary>
    [FsCheck.NUnit.Property]
    public bool Each_number_stands_for_its_ask_until_it_is_taken(int[] steps)
    {
        var table = new AskTable();
        var model = new Dictionary<long, (PendingAsk Ask, int Use)>();
        var given = new List<long>();
        foreach (var step in steps)
        {
            if (step % 2 == 0)
            {
                var ask = new FakeAsk();
                var id = table.Add(ask, step);
                if (!model.TryAdd(id, (ask, step)) || given.Contains(id)) return false;
                given.Add(id);
            }
            else
            {
                var id = given.Count == 0 || step % 7 == 0 ? step : given[Math.Abs(step % given.Count)];
                var taken = table.TryTake(id, out var use);
                if (taken != (model.Remove(id, out var expected) ? expected.Ask : null) || use != expected.Use) return false;
            }
        }

        return table.Count == model.Count;
    }

    [Test]
    public void The_end_fails_all_that_wait_and_later_asks_are_not_kept()
    {
        var table = new AskTable();
        var asks = Enumerable.Range(0, 100).Select(_ => new FakeAsk()).ToList();
        var ids = asks.ConvertAll(ask => table.Add(ask, ask.Use));
        foreach (var id in ids.Take(50)) table.Forget(id);
        var error = new InvalidOperationException("over");

        table.Close(() => error);
        table.Close(() => new InvalidOperationException("again"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asks.Take(50).SelectMany(ask => ask.Outcomes), Is.Empty);
            Assert.That(asks.Skip(50).Select(ask => ask.Outcomes.Single()), Has.All.SameAs(error));
            Assert.That((table.Add(new FakeAsk(), 0), table.Count), Is.EqualTo((0L, 0)));
            Assert.That(table.TryTake(ids[99], out _), Is.Null);
        }
    }

    [Test]
    public async Task Of_many_that_take_a_number_one_gets_the_ask()
    {
        var table = new AskTable();
        var taken = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var ask = new FakeAsk();
                var id = table.Add(ask, 7);
                Parallel.Invoke(() => Take(id, ask), () => Take(id, ask));
            }
        })));

        Assert.That((taken, table.Count), Is.EqualTo((80_000, 0)));

        void Take(long id, FakeAsk expected)
        {
            if (table.TryTake(id, out var use) is not { } ask) return;
            if (ask == expected && use == 7) Interlocked.Increment(ref taken);
        }
    }
}
