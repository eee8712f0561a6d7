using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>A database that no longer holds what was written to it: refused, with the record's number.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AkkaJournalDamageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Url => AkkaJournals.SqliteUrl(_directory);

    // Record 1 is the claim, and records 2 to 6 are the events.
    [TestCase("UPDATE journal SET message = CAST(substr(message, 1, 99) || x'FF' || substr(message, 101) AS BLOB) WHERE sequence_number = 3", 3, "checksum")]
    [TestCase("UPDATE journal SET message = substr(message, 1, length(message) - 1) WHERE sequence_number = 3", 3, "checksum")]
    [TestCase("UPDATE journal SET message = x'01' WHERE sequence_number = 3", 3, "1 bytes")]
    [TestCase("UPDATE journal SET message = x'' WHERE sequence_number = 3", 3, "0 bytes")]
    [TestCase("DELETE FROM journal WHERE sequence_number = 4", 4, "missing")]
    [TestCase("UPDATE journal SET deleted = 1 WHERE sequence_number = 2", 2, "missing")]
    [TestCase("UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 4 AND persistence_id LIKE '%/master') WHERE sequence_number = 5",
        5, "belongs to another journal or number")]
    [TestCase("UPDATE journal SET message = x'0405', identifier = 4, manifest = 'System.Byte[]' WHERE sequence_number = 3", 3, "System.Byte[]")]
    public async Task A_damaged_record_is_refused_with_its_number(string damage, int record, string how)
    {
        await WriteAsync("master");
        await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, Url, damage);

        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);
        await using var reader = await store.OpenReaderAsync("master");
        var error = Assert.CatchAsync<JournalCorruptException>(async () => await reader.ReadAsync(0).ToListAsync());

        Assert.That(error!.Message, Does.Contain($"Record {record} of 'sparkish/journal/master'").And.Contain(how));
    }

    [Test]
    public async Task A_record_of_another_journal_is_refused()
    {
        await WriteAsync("master");
        await WriteAsync("other");
        await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, Url, """
            UPDATE journal SET message = (SELECT message FROM journal WHERE sequence_number = 6 AND persistence_id LIKE '%/other')
            WHERE sequence_number = 6 AND persistence_id LIKE '%/master'
            """);

        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);

        Assert.That(async () => await store.OpenAsync("master"),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains("Record 6 of 'sparkish/journal/master'"));
    }

    [Test]
    public async Task A_row_whose_serializer_would_create_a_type_that_it_names_creates_none()
    {
        await WriteAsync("master");
        await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, Url, $$"""
            UPDATE journal SET identifier = 1, manifest = '{{typeof(Trap).AssemblyQualifiedName}}', message = CAST('{}' AS BLOB) WHERE sequence_number = 3
            """);

        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);
        await using var reader = await store.OpenReaderAsync("master");

        Assert.That(async () => await reader.ReadAsync(0).ToListAsync(), Throws.InstanceOf<JournalException>());
        Assert.That(Trap.Created, Is.Zero);
    }

    [Test]
    public async Task Acknowledged_events_that_the_database_lost_are_missed_by_the_process_that_wrote_them()
    {
        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);
        await using (var journal = await store.OpenAsync("master"))
        {
            await journal.AppendAsync([new byte[1]]);
            await journal.AppendAsync([new byte[1]]);
        }

        await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, Url, "DELETE FROM journal WHERE sequence_number = 3 AND persistence_id LIKE '%/master'");

        Assert.That(async () => await store.OpenAsync("master"),
            Throws.TypeOf<JournalCorruptException>().With.Message.Contains("ends with record 2").And.Message.Contains("record 3 was acknowledged"));
    }

    [TestCase("DELETE FROM snapshot", "is missing")]
    [TestCase("UPDATE snapshot SET snapshot = x'010203'", "is not what was saved")]
    public async Task A_damaged_snapshot_is_refused_with_its_number(string damage, string how)
    {
        await WriteAsync("master", hasSnapshot: true);
        await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, Url, damage);

        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);
        await using var journal = await store.OpenAsync("master");
        var error = Assert.CatchAsync<JournalCorruptException>(async () => await journal.ReadSnapshotAsync());

        Assert.That(error!.Message, Does.Contain("events up to 5").And.Contain(how).And.Contain("Snapshot 1048577"));
    }

    public void Dispose() => _directory.Dispose();

    private async Task WriteAsync(string name, bool hasSnapshot = false)
    {
        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, Url);
        await using var journal = await store.OpenAsync(name);
        for (var i = 1; i <= 5; i++) await journal.AppendAsync([Encoding.UTF8.GetBytes($"event {i} of the journal '{name}'")]);
        if (hasSnapshot) await journal.SaveSnapshotAsync(new JournalSnapshot(5, Encoding.UTF8.GetBytes("state")));
    }

    /// <summary>Notes that it was created.</summary>
    public sealed class Trap
    {
        private static int _created;

        public Trap() => Interlocked.Increment(ref _created);

        public static int Created => _created;
    }
}
