using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Docs;

internal sealed class PersistenceGuideJournalTests
{
    [Test]
    public async Task A_journal_is_read_appended_to_and_cut_behind_a_snapshot()
    {
        using var place = new TemporaryDirectory();
        var (directory, read) = (place.Path, new List<string>());
        ReadOnlyMemory<byte> eventBytes = "one"u8.ToArray(), stateBytes = "1"u8.ToArray();
        void Apply(ReadOnlyMemory<byte> payload) => read.Add(Encoding.UTF8.GetString(payload.Span));

        for (var run = 0; run < 2; run++)
        {
            // <snippet persistence-journal>
            await using var store = new FileJournalStore(directory);
            await using var journal = await store.OpenAsync("counter");
            var snapshot = await journal.ReadSnapshotAsync();
            await foreach (var entry in journal.ReadAsync(snapshot?.Sequence ?? 0)) Apply(entry.Payload);
            var last = await journal.AppendAsync([eventBytes, eventBytes]);         // both are durable when this completes
            await journal.SaveSnapshotAsync(new JournalSnapshot(last, stateBytes)); // atomic: a crash leaves the old one or the new one
            await journal.TruncateAsync(last);                                      // deletes events that the snapshot covers
            // </snippet>
            await journal.AppendAsync([eventBytes]);
        }

        Assert.That(read, Is.EqualTo(new[] { "one" }));
    }

    [Test]
    public async Task A_leader_opens_the_journal_under_its_term()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        ILogger log = NullLogger.Instance;

        // <snippet persistence-election>
        await using var store = new PostgreSqlJournalStore(connection, "counters", TimeProvider.System, log);
        await using var election = new PostgreSqlElection(connection, "counters", "visits", TimeSpan.FromSeconds(3), TimeProvider.System, log);
        await using var term = await election.CampaignAsync("host1"); // waits without a limit
        await using var journal = await store.OpenAsync("visits", term.Epoch);
        // </snippet>

        Assert.That(journal.Epoch, Is.EqualTo(term.Epoch));
    }
}
