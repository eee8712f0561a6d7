using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>
/// Every byte of every file of a journal changed, every file cut everywhere or taken away: what was acknowledged is read as it was, or the damage is reported.
/// </summary>
internal sealed class DamageTests
{
    private static readonly JournalCommand[] Script =
    [
        JournalCommand.AppendMany, JournalCommand.Append, JournalCommand.Snapshot, JournalCommand.Truncate, JournalCommand.AppendMany, JournalCommand.Append,
        JournalCommand.Reopen, JournalCommand.AppendMany, JournalCommand.AppendMany,
            JournalCommand.AppendMany, JournalCommand.AppendMany, JournalCommand.Append, JournalCommand.Append,
        JournalCommand.Append,
    ];

    private static readonly string[] Harmless = ["j/durable", "j/lock", "j/lock.holder"];

    [TestCase(false)]
    [TestCase(true)]
    public void A_changed_byte_is_reported_or_does_no_harm(bool wasKilled)
    {
        var files = NewJournal(wasKilled);
        var whole = Read(files);
        var reported = 0;

        foreach (var (name, file) in files.Files.ToList())
        {
            for (var at = 0; at < file.Length; at++)
            {
                foreach (var mask in new byte[] { 0x01, 0x80, 0xFF })
                {
                    var error = ReadOrError(files.With(name, bytes => Flip(bytes, at, mask)), whole, $"{name}, byte {at}, {mask:x2}");
                    if (error is null)
                    {
                        Assert.That(Harmless, Does.Contain(name), $"byte {at}");
                        continue;
                    }

                    reported++;
                    Assert.That(error, Is.InstanceOf<JournalCorruptException>());
                    Assert.That(error.Message, Does.Contain("/disk/j/").And.Contain("damaged at byte").And.Contain("backup"));
                }
            }
        }

        Assert.That(reported, Is.GreaterThan(1000));
    }

    [Test]
    public void The_error_names_the_file_and_the_place()
    {
        var files = NewJournal(wasKilled: false);
        var (name, file) = files.Files.Where(file => file.Key.StartsWith("j/log-", StringComparison.Ordinal))
            .OrderByDescending(file => file.Key, StringComparer.Ordinal).Skip(1).First();
        var damaged = files.With(name, bytes => Flip(bytes, 160 + 52 + 4, 0xFF)); // in the first event of the first record

        var error = ReadOrError(damaged, Read(files), name);

        Assert.That(error?.Message, Does.StartWith($"'/disk/{name}' of the journal 'j' is damaged at byte 160: "));
        Assert.That(file.Length, Is.GreaterThan(220));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_file_that_was_cut_or_is_gone_is_reported_or_does_no_harm(bool wasKilled)
    {
        var files = NewJournal(wasKilled);
        var whole = Read(files);

        foreach (var (name, file) in files.Files.ToList())
        {
            for (var length = 0; length < file.Length; length++)
            {
                var error = ReadOrError(files.With(name, bytes => bytes[..length]), whole, $"{name} cut to {length}");
                Assert.That(error, Harmless.Contains(name) ? Is.Null : Is.InstanceOf<JournalCorruptException>(), $"{name} cut to {length}");
            }

            var missing = ReadOrError(files.With(name, _ => null), whole, $"{name} taken away");
            Assert.That(missing, Harmless.Contains(name) ? Is.Null : Is.InstanceOf<JournalCorruptException>(), $"{name} taken away");
        }
    }

    [Test]
    public void Bytes_behind_the_end_are_cut_with_a_warning_that_says_how_many_and_where()
    {
        var files = NewJournal(wasKilled: true);
        var whole = Read(files);
        var name = files.Files.Keys.Last(name => name.StartsWith("j/log-", StringComparison.Ordinal));
        var length = files.Files[name].Length;
        for (var seed = 0; seed < 200; seed++)
        {
            var garbage = new byte[1 + (seed * 7)];
            new Random(seed).NextBytes(garbage);
            if (seed % 3 == 0) files.Files[name].Content.AsSpan(160, Math.Min(garbage.Length, (int)length - 160)).CopyTo(garbage); // records of another place
            var log = new WarningLog();

            var read = Read(files.With(name, bytes => [.. bytes, .. garbage]), log);

            Assert.That(read, Is.EqualTo(whole));
            Assert.That(log.Warnings, Is.EqualTo(
                new[] { $"/disk/{name} of journal j ended in an unacknowledged append: truncated {garbage.Length} bytes at byte {length}" }));
        }
    }

    [Test]
    public void Where_the_note_of_what_is_safe_was_lost_with_the_power_only_the_last_group_can_go_unnoticed()
    {
        var files = NewJournal(wasKilled: true).With("j/durable", _ => null);
        var whole = Read(files);
        var name = files.Files.Keys.Last(name => name.StartsWith("j/log-", StringComparison.Ordinal));
        var (unnoticed, reported) = (0, 0);

        for (var at = 0; at < files.Files[name].Length; at++)
        {
            var damaged = files.With(name, bytes => Flip(bytes, at, 0x10));
            try
            {
                var read = Read(damaged);
                Assert.That(read, Is.EqualTo(whole[..^1]), $"byte {at}: the last append, which is the last group");
                unnoticed++;
            }
            catch (JournalCorruptException)
            {
                reported++;
            }
        }

        Assert.That(unnoticed, Is.InRange(50, 120), "the bytes of one record");
        Assert.That(reported, Is.GreaterThan(160 + 50), "those of the header, and of groups before");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_reader_reports_damage_too(bool wasKilled)
    {
        var files = NewJournal(wasKilled);
        var whole = ReadByReader(files);
        foreach (var (name, file) in files.Files.Where(file => file.Key.StartsWith("j/log-", StringComparison.Ordinal)).ToList())
        {
            for (var at = 0; at < file.Length; at += 3)
            {
                var damaged = files.With(name, bytes => Flip(bytes, at, 0x04));
                Assert.That(() => ReadByReader(damaged), Throws.InstanceOf<JournalCorruptException>(), $"{name}, byte {at}");
            }
        }

        Assert.That(whole, Is.Not.Empty);
    }

    [Test]
    public void Random_files_are_refused_and_cost_little_memory()
    {
        var files = NewJournal(wasKilled: false);
        var names = files.Files.Keys.ToList();
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var name = names[random.Next(names.Count)];
            var garbage = new byte[random.Next(2000)];
            random.NextBytes(garbage);
            var damaged = files.With(name, bytes => seed % 2 == 0 ? garbage : [.. bytes.Take(bytes.Length / 2), .. garbage]);

            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = ReadOrError(damaged, Read(files), $"seed {seed}, {name}");
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
        }
    }

    private static FaultFiles NewJournal(bool wasKilled)
    {
        var history = new JournalHistory();
        var files = new FaultFiles();
        if (!wasKilled)
        {
            history.Run(files, Script);
            return files;
        }

        history.Run(files, Script);
        var again = new FaultFiles { CrashAt = files.Operations - 1 }; // the flush of the mark when the store is closed
        new JournalHistory().Run(again, Script);
        Assert.That(again.Trace[^1], Does.EndWith("flush j/durable"));
        return again.AfterKill();
    }

    // What a journal holds, as one list, so that it can be compared.
    private static List<string> Read(FaultFiles files, Microsoft.Extensions.Logging.ILogger? log = null) =>
        Contents(files, async store => await store.OpenAsync("j"), log);

    private static List<string> ReadByReader(FaultFiles files) => Contents(files, async store => await store.OpenReaderAsync("j"), log: null);

    private static List<string> Contents(FaultFiles files, Func<IJournalStore, Task<IJournalReader>> open, Microsoft.Extensions.Logging.ILogger? log)
    {
        var copy = files.AfterKill();
        return copy.Run(async () =>
        {
            var contents = new List<string>();
            await using var journal = await open(JournalHistory.NewStore(copy, log));
            var snapshot = await journal.ReadSnapshotAsync();
            contents.Add(snapshot is { } saved ? $"snapshot {saved.Sequence} {Encoding.UTF8.GetString(saved.Payload.Span)}" : "no snapshot");
            await foreach (var entry in journal.ReadAsync(snapshot?.Sequence ?? 0)) contents.Add(
                $"{entry.Sequence} {entry.Epoch} {Encoding.UTF8.GetString(entry.Payload.Span)}");
            return contents;
        });
    }

    private static JournalException? ReadOrError(FaultFiles files, List<string> whole, string what)
    {
        try
        {
            Assert.That(Read(files), Is.EqualTo(whole), what);
            return null;
        }
        catch (JournalException e)
        {
            return e;
        }
    }

    private static byte[] Flip(byte[] bytes, int at, byte mask)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= mask;
        return changed;
    }
}
