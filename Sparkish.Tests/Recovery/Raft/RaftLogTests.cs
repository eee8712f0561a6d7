using System.Text;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using Sparkish.Deploy.Recovery.Raft;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>What a follower's log keeps of what it has answered for.</summary>
internal sealed class RaftLogTests
{
    [Test]
    public async Task An_entry_that_a_follower_has_answered_for_is_in_its_files()
    {
        using var directory = new TemporaryDirectory();
        await using var log = new OpenLog(directory.File("one"));
        await log.State.UpdateTermAsync(3, resetLastVote: true);
        await log.ReceiveAsync(1, (3, "a"), (3, "b"));

        // As after a power cut: the files, without anything that the process would still have written.
        Copy(directory.File("one"), directory.File("two"));
        await using var copy = new OpenLog(directory.File("two"));

        Assert.That((copy.State.Term, copy.State.LastEntryIndex, copy.State.LastCommittedEntryIndex), Is.EqualTo((3L, 2L, 0L)));
    }

    [Test]
    public async Task Entries_that_arrive_again_do_not_cut_off_later_ones()
    {
        using var directory = new TemporaryDirectory();
        await using var log = new OpenLog(directory.File("one"));
        await log.ReceiveAsync(1, (1, "a"), (1, "b"), (1, "c"));

        await log.ReceiveAsync(1, (1, "a"), (1, "b"));

        Assert.That(log.State.LastEntryIndex, Is.EqualTo(3));
    }

    [Test]
    public async Task Entries_of_another_leader_take_the_place_of_those_that_differ()
    {
        using var directory = new TemporaryDirectory();
        await using var log = new OpenLog(directory.File("one"));
        await log.ReceiveAsync(1, (1, "a"), (1, "b"), (1, "c"));

        await log.ReceiveAsync(1, (1, "a"), (2, "x"));

        Assert.That(log.State.LastEntryIndex, Is.EqualTo(2));
    }

    [Test]
    public async Task An_entry_of_a_term_that_is_over_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var log = new OpenLog(directory.File("one"));
        await log.State.UpdateTermAsync(2, resetLastVote: true);

        Assert.That(async () => await log.State.AppendAsync(new EmptyLogEntry { Term = 1 }), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(log.State.LastEntryIndex, Is.Zero);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private sealed class OpenLog : IAsyncDisposable
    {
        private readonly RaftDirectory _directory;
        private readonly RaftLog _log;

        public OpenLog(string path)
        {
            _directory = RaftDirectory.Open(path, "me:1");
            _log = new RaftLog(_directory, new RaftStateMachine(_directory, new RecordingLog())) { MayVote = static () => true };
        }

        public IPersistentState State => _log;

        public ValueTask ReceiveAsync(long first, params (long Term, string Text)[] entries)
        {
            var received = entries.Select(entry => new BinaryLogEntry { Term = entry.Term, Content = Encoding.UTF8.GetBytes(entry.Text) });
            return State.AppendAsync(new LogEntryProducer<BinaryLogEntry>([.. received]), first, skipCommitted: true);
        }

        public async ValueTask DisposeAsync()
        {
            await _log.DisposeAsync();
            _directory.Dispose();
        }
    }
}
