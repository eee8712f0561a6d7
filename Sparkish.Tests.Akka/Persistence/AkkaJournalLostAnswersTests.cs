using Akka.Actor;
using Akka.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Akka.Persistence;
using Sparkish.Persistence;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>A plugin that reports failures of writes: whether they were stored is found out, and nothing is doubled.</summary>
[NonParallelizable]
internal sealed class AkkaJournalLostAnswersTests
{
    [TearDown]
    public void Mend() => UnreliableJournal.Mend();

    [Test]
    public async Task A_write_that_failed_is_acknowledged_once_whether_it_was_stored_or_not([Values] bool isStored)
    {
        using var system = NewSystem();
        await using var store = New(system);
        await using var journal = await store.OpenAsync("master");
        await journal.AppendAsync([new byte[] { 1 }]);
        UnreliableJournal.FailNext(isStored);

        var sequence = await journal.AppendAsync([new byte[] { 2 }]);

        Assert.That(sequence, Is.EqualTo(2));
        Assert.That(await journal.AppendAsync([new byte[] { 3 }]), Is.EqualTo(3));
        Assert.That(await journal.ReadAsync(0).Select(static entry => entry.Payload.Span[0]).ToListAsync(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_store_that_keeps_failing_ends_the_journal_and_a_reopened_one_goes_on_in_the_same_term()
    {
        using var system = NewSystem();
        await using var store = New(system);
        var journal = await store.OpenAsync("master", epoch: 5);
        for (var i = 0; i < 5; i++) UnreliableJournal.FailNext(isStored: false);

        Assert.That(async () => await journal.AppendAsync([new byte[1]]), Throws.TypeOf<JournalException>().With.Message.Contains("the answer was lost"));
        Assert.That(async () => await journal.AppendAsync([new byte[1]]), Throws.TypeOf<JournalException>().With.Message.Contains("until it is reopened"));
        await journal.DisposeAsync();
        await using var again = await store.OpenAsync("master", epoch: 5);

        Assert.That((again.Epoch, await again.AppendAsync([new byte[1]])), Is.EqualTo((5L, 1L)));
    }

    [Test]
    public async Task A_claim_that_failed_leaves_its_term_to_the_store_that_made_it([Values] bool isStored)
    {
        using var system = NewSystem();
        await using var store = New(system);
        await using var stranger = New(system);
        await (await store.OpenAsync("master", epoch: 4)).DisposeAsync();
        if (isStored) UnreliableJournal.BreakAfterNext();
        else for (var i = 0; i < 5; i++) UnreliableJournal.FailNext(isStored: false);
        Assert.That(async () => await store.OpenAsync("master", epoch: 5), Throws.TypeOf<JournalException>());
        UnreliableJournal.Mend();
        if (isStored) Assert.That(async () => await stranger.OpenAsync("master", epoch: 5), Throws.TypeOf<StaleEpochException>(), "the claim is stored");

        await using var journal = await store.OpenAsync("master", epoch: 5);

        Assert.That((journal.Epoch, await journal.AppendAsync([new byte[1]])), Is.EqualTo((5L, 1L)));
        Assert.That(async () => await store.OpenAsync("master", epoch: 5), Throws.TypeOf<StaleEpochException>(), "it is open");
        Assert.That(async () => await stranger.OpenAsync("master", epoch: 5), Throws.TypeOf<StaleEpochException>(), "it is another store's");
    }

    private static AkkaJournalStore New(ActorSystem system) => new(system, new AkkaJournalOptions(), TimeProvider.System, NullLogger.Instance);

    private static ActorSystem NewSystem() => ActorSystem.Create($"unreliable-{Guid.NewGuid():N}", ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          persistence {
            journal-plugin-fallback.replay-filter.mode = off
            journal { plugin = test.journal }
            snapshot-store { plugin = akka.persistence.snapshot-store.inmem }
          }
        }
        test.journal {
          class = "{{typeof(UnreliableJournal).AssemblyQualifiedName}}"
          circuit-breaker.max-failures = 100
        }
        """));
}
