using Sparkish.Persistence;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>A process that dies, or a machine that loses its power, at every place where a file journal changes something on the disk.</summary>
internal sealed class CrashTests
{
    private static readonly JournalCommand[] Script =
    [
        JournalCommand.Append, JournalCommand.AppendMany, JournalCommand.Snapshot, JournalCommand.AppendMany, JournalCommand.Truncate, JournalCommand.Append,
        JournalCommand.Reopen, JournalCommand.Append, JournalCommand.AppendMany, JournalCommand.AppendMany, JournalCommand.Snapshot, JournalCommand.Append,
        JournalCommand.Truncate, JournalCommand.Reopen, JournalCommand.Reopen, JournalCommand.AppendMany, JournalCommand.Append,
    ];

    [Test, Long]
    public void Killed_at_every_write_boundary_and_within_every_write_a_journal_has_what_was_acknowledged_and_no_half()
    {
        var (crash, runs) = (0, 0);
        for (; ; crash++)
        {
            var written = 0;
            for (var bytes = 0; bytes <= Math.Max(0, written); bytes++)
            {
                var history = new JournalHistory();
                var files = new FaultFiles { CrashAt = crash, CrashBytes = bytes };
                history.Run(files, Script);
                if (!files.HasCrashed)
                {
                    Assert.That(crash, Is.GreaterThan(100), "the script has many boundaries");
                    Assert.That(runs, Is.GreaterThan(1000));
                    return;
                }

                written = files.CrashedWriteBytes;
                Survives(history, files.AfterKill(), $"killed at operation {crash} after {bytes} bytes: {files.Trace[^1]}");
                runs++;
            }
        }
    }

    [Test]
    public void Without_power_at_every_boundary_a_journal_has_what_was_acknowledged_and_no_half()
    {
        for (var crash = 0; ; crash++)
        {
            for (var seed = 0; seed < 40; seed++)
            {
                var random = new Random((crash * 1000) + seed);
                var history = new JournalHistory();
                var files = new FaultFiles { CrashAt = crash, CrashBytes = random.Next(200) };
                history.Run(files, Script);
                if (!files.HasCrashed) return;
                Survives(history, files.AfterPowerLoss(random), $"without power at operation {crash}, seed {seed}: {files.Trace[^1]}");
            }
        }
    }

    [FsCheck.NUnit.Property(MaxTest = 400)]
    public void Any_program_through_any_crashes_one_after_the_other_keeps_what_was_acknowledged(
        byte[] program, (byte At, byte Bytes, bool Power)[] crashes, int seed)
    {
        var commands = program.Select(value => (JournalCommand)(value % 5)).ToArray();
        var random = new Random(seed);
        var history = new JournalHistory();
        var files = new FaultFiles();
        foreach (var (at, bytes, power) in crashes.Append((At: byte.MaxValue, Bytes: default, Power: false)))
        {
            files.CrashAt = at;
            files.CrashBytes = bytes;
            history.Run(files, commands);
            files = power ? files.AfterPowerLoss(random) : files.AfterKill();
        }

        Survives(history, files, "after the last crash");
    }

    [Test]
    public void Events_that_a_failed_flush_left_in_memory_are_safe_once_they_were_found([Range(0, 20)] int seed)
    {
        var history = new JournalHistory();
        var files = new FaultFiles();
        files.Run(async () =>
        {
            var store = JournalHistory.NewStore(files);
            var journal = await history.OpenAsync(store);
            history.Acknowledge(await journal.AppendAsync(history.NextBatch(2)));
            files.FlushesUntilFailure = 0;
            var failure = await FaultFiles.FailureOf(journal.AppendAsync(history.NextBatch(1)).AsTask());
            Assert.That(failure, Is.InstanceOf<JournalException>().With.Message.Contains("Input/output error").And.Message.Contains("not retried"));
            await store.DisposeAsync();
            return true;
        });

        var after = files.AfterKill();
        var found = after.Run(async () => (await history.OpenAsync(JournalHistory.NewStore(after))).LastSequence);

        Assert.That(found, Is.EqualTo(3), "the system still had it in memory");
        Survives(history, after.AfterPowerLoss(new Random(seed)), "after the loss of power");
    }

    // Opens, goes on, opens once more.
    private static void Survives(JournalHistory history, FaultFiles files, string how)
    {
        try
        {
            history.Run(files, [JournalCommand.AppendMany, JournalCommand.Append, JournalCommand.Reopen, JournalCommand.Append]);
        }
        catch (Exception e)
        {
            throw new AssertionException($"{how}: {e.Message}", e);
        }

        Assert.That(files.HasCrashed, Is.False);
    }
}
