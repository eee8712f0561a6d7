using System.Globalization;
using System.Text;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Persistence.Files;

/// <summary>Real processes on a real file system: killed while they append, two at once, on a disk that is full or read-only.</summary>
internal sealed class ProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_process_killed_while_it_appends_leaves_every_event_that_it_called_acknowledged()
    {
        using var directory = new TemporaryDirectory();
        var before = 0L;
        for (var round = 1; round <= 5; round++)
        {
            await using var process = Start(directory.Path, long.MaxValue);
            var opened = await process.WaitForLineAsync(line => line.StartsWith("opened ", StringComparison.Ordinal), Patience);
            Assert.That(opened, Does.StartWith(string.Create(CultureInfo.InvariantCulture, $"opened {(2 * round) - 1} ")));
            await process.WaitForLineAsync(line => Acknowledged(line) > before + (200 * round), Patience);
            process.Kill();
            await process.WaitForExitAsync(Patience);
            var acknowledged = process.Output.Max(Acknowledged);

            await using var store = new FileJournalStore(directory.Path);
            var journal = await store.OpenAsync("j");
            Assert.That(journal.LastSequence, Is.GreaterThanOrEqualTo(acknowledged));
            await AssertEventsAsync(journal);
            before = journal.LastSequence;
        }
    }

    [Test]
    public async Task A_second_process_is_refused_with_the_name_of_the_first_and_let_in_when_that_is_gone()
    {
        using var directory = new TemporaryDirectory();
        await using (var store = new FileJournalStore(directory.Path))
        {
            var journal = await store.OpenAsync("j");
            await using var second = Start(directory.Path, 10);

            Assert.That(await second.WaitForExitAsync(Patience), Is.EqualTo(3), second.Transcript);
            Assert.That(second.Output[0], Does.StartWith("failed JournalLockedException")
                .And.Contain($"process {Environment.ProcessId} on {Environment.MachineName}").And.Contain("only one process may write"));
            Assert.That(await journal.AppendAsync([Event(1)]), Is.EqualTo(1), "the first is not disturbed");
        }

        await using var third = Start(directory.Path, 10);
        Assert.That(await third.WaitForExitAsync(Patience), Is.Zero, third.Transcript);
        Assert.That(third.Output, Does.Contain("opened 2 1").And.Contain("acked 10"));
    }

    [Test]
    public async Task A_second_store_of_the_same_process_is_locked_out_too()
    {
        using var directory = new TemporaryDirectory();
        await using var first = new FileJournalStore(directory.Path);
        await using var second = new FileJournalStore(directory.Path);
        var journal = await first.OpenAsync("j");

        Assert.That(async () => await second.OpenAsync("j", epoch: 9), Throws.InstanceOf<JournalLockedException>());

        await journal.DisposeAsync();
        Assert.That((await second.OpenAsync("j", epoch: 9)).Epoch, Is.EqualTo(9));
    }

    [Test]
    public async Task A_disk_that_is_really_full_fails_the_append_and_keeps_what_was_acknowledged()
    {
        using var directory = new TemporaryDirectory();
        await using var process = await StartInNamespaceAsync($"mount -t tmpfs -o size=1m tmpfs '{directory.Path}'", directory.Path, long.MaxValue);

        Assert.That(await process.WaitForExitAsync(Patience), Is.EqualTo(3), process.Transcript);
        var failure = process.Output.Single(line => line.StartsWith("failed ", StringComparison.Ordinal));
        Assert.That(failure, Does.StartWith("failed JournalException").And.Contain("No space left")
            .And.Contain("Make room on the disk").And.Contain(directory.Path));
        var found = long.Parse(process.Output[^1]["found ".Length..], CultureInfo.InvariantCulture);
        Assert.That(found, Is.EqualTo(process.Output.Max(Acknowledged)), "all that was acknowledged, and nothing else");
    }

    [Test]
    public async Task A_directory_that_is_really_read_only_is_refused_with_advice()
    {
        using var directory = new TemporaryDirectory();
        await using var process = await StartInNamespaceAsync(
            $"mount --bind '{directory.Path}' '{directory.Path}' && mount -o remount,ro,bind '{directory.Path}'", directory.Path, 1);

        Assert.That(await process.WaitForExitAsync(Patience), Is.EqualTo(3), process.Transcript);
        Assert.That(process.Output[0], Does.StartWith("failed JournalException")
            .And.Contain("Read-only file system").And.Contain("Give this process permission"));
        Assert.That(Directory.EnumerateFileSystemEntries(directory.Path), Is.Empty);
    }

    [TestCase("", 0)]
    [TestCase("j", 0)]
    [TestCase("j/epoch.tmp", 0)]
    [TestCase("j/log-0000000000000000001-0000000000000000001.tmp", 0)]
    [TestCase("j/log-0000000000000000001-0000000000000000001", 0)]
    [TestCase("j/snapshot-0000000000000000003-0000000000000000001.tmp", 3)]
    public async Task A_flush_that_the_system_call_refuses_is_never_acknowledged(string file, int acknowledged)
    {
        await IgnoreWithoutTracingAsync();
        using var directory = new TemporaryDirectory();
        var trace = Path.Combine(directory.Path, "trace");
        var journals = Path.Combine(directory.Path, "journals");
        var failing = Path.Combine(journals, file).TrimEnd('/');

        await using var process = TestProcess.Start(
            "strace", ["-f", "-qq", "-o", trace, "-P", failing, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO", "dotnet", .. Arguments(journals, 3)]);
        var exit = await process.WaitForExitAsync(Patience);

        var failure = process.Output.SingleOrDefault(line => line.StartsWith("failed ", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exit, Is.EqualTo(3), process.Transcript);
            Assert.That(failure, Does.StartWith("failed JournalException").And.Contain("Input/output error"), process.Transcript);
            Assert.That(process.Output.Count(line => Acknowledged(line) > 0), Is.EqualTo(acknowledged), process.Transcript);
            Assert.That(await File.ReadAllTextAsync(trace), Does.Contain("INJECTED"), "the failure was injected");
        }
    }

    private static async Task IgnoreWithoutTracingAsync()
    {
        try
        {
            await using var probe = TestProcess.Start("strace", ["-qq", "-e", "trace=none", "true"]);
            if (await probe.WaitForExitAsync(Patience) != 0) Assert.Ignore($"This user may not trace system calls: {string.Join(' ', probe.Errors)}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("strace is not installed.");
        }
    }

    private static long Acknowledged(string line) =>
        line.StartsWith("acked ", StringComparison.Ordinal) ? long.Parse(line["acked ".Length..], CultureInfo.InvariantCulture) : 0;

    private static byte[] Event(long number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event {number} {new string('.', (int)(number % 97))}"));

    private static async Task AssertEventsAsync(IJournal journal)
    {
        var next = 1L;
        await foreach (var entry in journal.ReadAsync(0))
        {
            Assert.That(entry.Sequence, Is.EqualTo(next));
            Assert.That(entry.Payload.Span.SequenceEqual(Event(next)), Is.True, $"event {next}");
            next++;
        }

        Assert.That(next, Is.EqualTo(journal.LastSequence + 1));
    }

    private static TestProcess Start(string directory, long count) => TestProcess.Start("dotnet", Arguments(directory, count));

    // A mount of the process's own, seen by nobody else and gone with it.
    private static async Task<TestProcess> StartInNamespaceAsync(string mount, string directory, long count)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Only Linux gives a process mounts of its own.");
        await using (var probe = TestProcess.Start("unshare", ["-m", "sh", "-c", mount]))
        {
            if (await probe.WaitForExitAsync(Patience) != 0) Assert.Ignore($"This user may not mount: {string.Join(' ', probe.Errors)}");
        }

        return TestProcess.Start("unshare", ["-m", "sh", "-c", mount + " && exec dotnet \"$@\"", "sh", .. Arguments(directory, count)]);
    }

    private static string[] Arguments(string directory, long count) =>
        NodeProgram.Arguments("journal", directory, count.ToString(CultureInfo.InvariantCulture));
}
