using System.Text;
using Sparkish.Persistence;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>Two actor systems on one database: of two writers only the later one is accepted, whatever the database still holds.</summary>
internal sealed class AkkaJournalWritersTests
{
    [Test]
    public async Task A_writer_that_slept_while_later_ones_wrote_and_deleted_is_stale([Values(AkkaJournals.Sqlite, AkkaJournals.PostgreSql)] string provider)
    {
        using var directory = new TemporaryDirectory();
        var url = await UrlAsync(provider, directory);
        await using var firstStore = AkkaJournals.Open(provider, url);
        await using var secondStore = AkkaJournals.Open(provider, url);
        var first = await firstStore.OpenAsync("master", epoch: 1);
        await first.AppendAsync(Event("one"));
        var second = await secondStore.OpenAsync("master", epoch: 2);
        for (var i = 0; i < 5; i++) await second.AppendAsync(Event($"two {i}"));
        await second.SaveSnapshotAsync(new JournalSnapshot(second.LastSequence, new byte[] { 42 }));
        await second.TruncateAsync(second.LastSequence);

        // The database has deleted the record whose number comes next for the first writer, and accepts it.
        var append = Assert.CatchAsync<StaleEpochException>(async () => await first.AppendAsync(Event("lost")));
        var reread = await ReadAsync(secondStore);

        Assert.That((append!.Epoch, append.Current), Is.EqualTo((1L, 2L)));
        Assert.That(async () => await first.SaveSnapshotAsync(new JournalSnapshot(1, default)), Throws.InstanceOf<StaleEpochException>());
        Assert.That(async () => await firstStore.OpenAsync("master", epoch: 1), Throws.InstanceOf<StaleEpochException>());
        Assert.That(reread, Is.Empty, "what was deleted stays so");
        await second.AppendAsync(Event("three"));
        Assert.That(await ReadAsync(secondStore), Is.EqualTo(new[] { "7: three" }));
        await using var third = await firstStore.OpenAsync("master", epoch: 3);
        Assert.That((third.LastSequence, (await third.ReadSnapshotAsync())!.Value.Payload.ToArray()), Is.EqualTo((7L, new byte[] { 42 })));
    }

    [Test]
    public async Task Two_writers_that_race_for_a_journal_lose_no_acknowledged_event_and_double_none(
        [Values(AkkaJournals.Sqlite, AkkaJournals.PostgreSql)] string provider)
    {
        using var directory = new TemporaryDirectory();
        var url = await UrlAsync(provider, directory);
        await using var firstStore = AkkaJournals.Open(provider, url);
        await using var secondStore = AkkaJournals.Open(provider, url);

        var acknowledged = await Task.WhenAll(LeadAgainAndAgainAsync(firstStore, "a"), LeadAgainAndAgainAsync(secondStore, "b"));

        var found = await ReadAsync(firstStore);
        Assert.That(acknowledged.SelectMany(static texts => texts), Is.SubsetOf(found));
        Assert.That(found.Select(static text => text.Split(' ')[1]), Is.Unique);
        Assert.That(found.Select(static text => text.Split(':')[0]), Is.EqualTo(Enumerable.Range(1, found.Count).Select(static i => $"{i}")));
    }

    private static async Task<List<string>> LeadAgainAndAgainAsync(IJournalStore store, string name)
    {
        var (acknowledged, number) = (new List<string>(), 0);
        for (var term = 0; term < 5; term++)
        {
            await using var journal = await store.OpenAsync("master");
            try
            {
                for (var i = 0; i < 5; i++)
                {
                    var text = $"{name}{number++}";
                    acknowledged.Add($"{await journal.AppendAsync(Event(text))}: {text}");
                }
            }
            catch (StaleEpochException)
            {
                // The other has taken over.
            }
        }

        return acknowledged;
    }

    private static ReadOnlyMemory<byte>[] Event(string text) => [Encoding.UTF8.GetBytes(text)];

    private static async Task<List<string>> ReadAsync(IJournalStore store)
    {
        await using var reader = await store.OpenReaderAsync("master");
        return await reader.ReadAsync(0).Select(static entry => $"{entry.Sequence}: {Encoding.UTF8.GetString(entry.Payload.Span)}").ToListAsync();
    }

    private static async Task<string> UrlAsync(string provider, TemporaryDirectory directory) =>
        provider == AkkaJournals.Sqlite ? AkkaJournals.SqliteUrl(directory) : await PostgreSqlTestServer.NewDatabaseAsync();
}
