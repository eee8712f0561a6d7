using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>Disks that are full, read-only or broken, and stores without working locks.</summary>
internal sealed class FailureTests
{
    [Test]
    public void A_full_disk_at_any_byte_ends_the_journal_leaves_no_half_and_is_over_when_there_is_room()
    {
        var opened = UsedAfterOpening();
        for (var room = opened; room < opened + 400; room++)
        {
            var history = new JournalHistory();
            var files = new FaultFiles();
            var used = files.Run(async () =>
            {
                var store = JournalHistory.NewStore(files);
                var journal = await history.OpenAsync(store);
                files.Capacity = room;
                var failure = await FaultFiles.FailureOf(AppendManyAsync(history, journal));
                Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("No space left")
                    .And.Message.Contains("/disk/j").And.Message.Contains("log-0").And.Message.Contains("Make room"));
                Assert.That(await FaultFiles.FailureOf(journal.AppendAsync(history.NextBatch(1)).AsTask()),
                    Is.InstanceOf<JournalException>().With.Message.Contains("accepts no more writes"));
                var segment = files.Files.Values.Last(file => file.Name.StartsWith("j/log-", StringComparison.Ordinal));
                await store.DisposeAsync();
                return segment.Length;
            });

            var acknowledged = history.Acknowledged;
            var next = files.AfterKill();
            var found = next.Run(async () => (await history.OpenAsync(JournalHistory.NewStore(next))).LastSequence);

            Assert.That(found, Is.EqualTo(acknowledged), $"with room for {room} bytes nothing of what was not acknowledged is left");
            Assert.That(used, Is.GreaterThanOrEqualTo(160));
        }
    }

    [Test]
    public void A_full_disk_keeps_the_old_snapshot_and_its_room_is_given_back()
    {
        var files = new FaultFiles();
        files.Run(async () =>
        {
            var journal = await JournalHistory.NewStore(files).OpenAsync("j");
            await journal.AppendAsync([new byte[10]]);
            await journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[] { 1 }));
            var used = files.Files.Values.Sum(file => file.Length);
            files.Capacity = used + 50;

            var failure = await FaultFiles.FailureOf(journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[100])).AsTask());

            Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("No space left").And.Message.Contains("The previous snapshot remains"));
            Assert.That((await journal.ReadSnapshotAsync())!.Value.Payload.ToArray(), Is.EqualTo(new byte[] { 1 }));
            Assert.That(files.Files.Values.Sum(file => file.Length), Is.EqualTo(used));
            files.Capacity = long.MaxValue;
            await journal.SaveSnapshotAsync(new JournalSnapshot(1, new byte[100]));
            Assert.That(await journal.AppendAsync([new byte[1]]), Is.EqualTo(2), "a snapshot that failed does not end the journal");
            return true;
        });
    }

    [Test]
    public void A_read_only_directory_is_refused_with_what_to_do()
    {
        var files = new FaultFiles { IsReadOnly = true };

        var failure = files.Run(() => FaultFiles.FailureOf(JournalHistory.NewStore(files).OpenAsync("j").AsTask()));

        Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("Read-only")
            .And.Message.Contains("/disk/j").And.Message.Contains("Give this process permission"));
    }

    [Test]
    public void A_directory_that_became_read_only_can_still_be_looked_at()
    {
        var history = new JournalHistory();
        var files = new FaultFiles();
        history.Run(files, [JournalCommand.AppendMany]);
        files.IsReadOnly = true;

        var count = files.Run(async () =>
        {
            await using var reader = await JournalHistory.NewStore(files).OpenReaderAsync("j");
            var read = 0;
            await foreach (var _ in reader.ReadAsync(0)) read++;
            return read;
        });

        Assert.That(count, Is.EqualTo(6));
    }

    [Test]
    public void A_flush_that_fails_ends_the_journal_and_is_not_tried_again()
    {
        var history = new JournalHistory();
        var files = new FaultFiles();
        files.Run(async () =>
        {
            var journal = await history.OpenAsync(JournalHistory.NewStore(files));
            history.Acknowledge(await journal.AppendAsync(history.NextBatch(1)));
            files.FlushesUntilFailure = 0;
            var (first, second) = (journal.AppendAsync(history.NextBatch(1)).AsTask(), journal.AppendAsync(history.NextBatch(1)).AsTask());

            Assert.That(await FaultFiles.FailureOf(first), Is.InstanceOf<JournalException>()
                .With.Message.Contains("Input/output error").And.Message.Contains("Check the disk"));
            var operations = files.Operations;
            Assert.That(await FaultFiles.FailureOf(second), Is.InstanceOf<JournalException>());
            Assert.That(await FaultFiles.FailureOf(journal.AppendAsync(history.NextBatch(1)).AsTask()), Is.InstanceOf<JournalException>());
            Assert.That(files.Operations, Is.EqualTo(operations), "nothing was written or flushed after the failure");
            return true;
        });

        history.Run(files.AfterKill(), [JournalCommand.Append]);
    }

    [Test]
    public void A_flush_that_the_system_refuses_is_an_error()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("only the flush of Linux is known to lose its error");
        using var device = new DiskFiles("/dev").Open("null", writable: true)!; // cannot be flushed

        Assert.That(device.Flush, Throws.InstanceOf<IOException>().With.Message.Contains("Could not flush"));
    }

    [Test]
    public void Without_working_locks_a_second_writer_still_fences_the_first_whose_events_are_acknowledged_only_if_the_second_has_them([Range(0, 12)] int steps)
    {
        var files = new FaultFiles { HasNoLocks = true };
        var old = files.Run(() => JournalHistory.NewStore(files).OpenAsync("j").AsTask());
        files.Run(() => old.AppendAsync([new byte[] { 1 }]).AsTask());

        var appending = old.AppendAsync([new byte[] { 2 }]).AsTask();
        if (steps % 2 == 1) files.Pump(); // the second comes after the write or before
        var opening = JournalHistory.NewStore(files).OpenAsync("j").AsTask();
        for (var i = 0; i < steps / 2 && !(appending.IsCompleted && opening.IsCompleted); i++) files.Pump();
        var later = old.AppendAsync([new byte[] { 3 }]).AsTask();
        var next = files.Run(() => opening);
        var events = files.Run(() => EventsAsync(next));
        files.Run(() => next.AppendAsync([new byte[] { 9 }]).AsTask());

        foreach (var (append, number) in new[] { (appending, 2), (later, 3) })
        {
            if (files.Run(() => FaultFiles.OutcomeOf(append)) is { } failure) Assert.That(failure, Is.InstanceOf<JournalException>());
            else Assert.That(events, Does.Contain(number));
        }

        Assert.That(files.Run(() => FaultFiles.FailureOf(old.AppendAsync([new byte[] { 4 }]).AsTask())), Is.InstanceOf<StaleEpochException>());
        Assert.That(files.Run(() => EventsAsync(next)), Is.EqualTo(events.Append(9)));
        var after = files.AfterKill();
        var reopened = after.Run(() => JournalHistory.NewStore(after).OpenAsync("j").AsTask());
        Assert.That(reopened.Epoch, Is.EqualTo(3));
        Assert.That(after.Run(() => EventsAsync(reopened)), Is.EqualTo(events.Append(9)));
    }

    private static async Task<List<int>> EventsAsync(IJournal journal)
    {
        var events = new List<int>();
        await foreach (var entry in journal.ReadAsync(0)) events.Add(entry.Payload.Span[0]);
        return events;
    }

    private static async Task AppendManyAsync(JournalHistory history, IJournal journal)
    {
        for (var i = 0; i < 10; i++)
        {
            // The second and the third are written together, and one of them may fit by itself.
            var appends = Enumerable.Range(1, 3).Select(count => journal.AppendAsync(history.NextBatch(count)).AsTask()).ToList();
            foreach (var append in appends) history.Acknowledge(await append);
        }
    }

    private static long UsedAfterOpening()
    {
        var files = new FaultFiles();
        return files.Run(async () =>
        {
            await JournalHistory.NewStore(files).OpenAsync("j");
            return files.Files.Values.Sum(file => file.Length);
        });
    }
}
