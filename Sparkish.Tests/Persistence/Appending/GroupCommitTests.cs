using System.Text;
using System.Threading.Channels;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Tests.Persistence.Appending;

/// <summary>How appends are written together, with a writer that the test holds up.</summary>
internal sealed class GroupCommitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Exception> _failures = [];

    [SetUp]
    public void ForgetFailures() => _failures.Clear();

    [Test]
    public async Task What_comes_while_a_group_is_written_is_written_together_after_it()
    {
        var writer = new HeldWriter(window: 1);
        var commits = New(writer);

        var appends = Enumerable.Range(1, 5).Select(i => Append(commits, i)).ToList();
        writer.Finish();
        Assert.That(await appends[0].WaitAsync(Patience), Is.EqualTo(1));
        writer.Finish();

        Assert.That(await Task.WhenAll(appends).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 2L, 3L, 4L, 5L }));
        Assert.That(writer.Written, Is.EqualTo(new[] { "1", "2 3 4 5" }));
        Assert.That(commits.LastSequence, Is.EqualTo(5));
    }

    [Test]
    public async Task A_writer_with_room_for_several_groups_gets_them_before_the_first_is_safe_and_they_are_acknowledged_in_order()
    {
        var writer = new HeldWriter(window: 3);
        var commits = New(writer);

        var appends = await AppendOneByOneAsync(commits, writer, 3);
        appends.AddRange([Append(commits, 4), Append(commits, 5)]);
        Assert.That(appends.Any(append => append.IsCompleted), Is.False);
        writer.Finish(groups: 3);
        Assert.That(await Task.WhenAll(appends.Take(3)).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 2L, 3L }));
        await writer.BegunAsync(4);
        writer.Finish();

        Assert.That(await Task.WhenAll(appends).WaitAsync(Patience), Is.EqualTo(new[] { 1L, 2L, 3L, 4L, 5L }));
        Assert.That(string.Join(' ', writer.Written), Is.EqualTo("1 2 3 4 5"));
    }

    [Test]
    public async Task A_group_that_has_to_be_written_again_is_not_acknowledged_before()
    {
        var writer = new HeldWriter(window: 1);
        var append = Append(New(writer), 1);

        writer.Finish(groups: 0);
        Assert.That(append.IsCompleted, Is.False);
        writer.Finish();

        Assert.That(await append.WaitAsync(Patience), Is.EqualTo(1));
    }

    [Test]
    public async Task Other_work_is_done_by_itself_in_its_turn()
    {
        var writer = new HeldWriter(window: 1);
        var commits = New(writer);

        Task[] all = [Append(commits, 1), Append(commits, 2), commits.RunAsync(new OtherWork(), "other work", default), Append(commits, 3), Append(commits, 4)];
        for (var i = 0; i < 4; i++) writer.Finish();
        await Task.WhenAll(all).WaitAsync(Patience);

        Assert.That(writer.Written, Is.EqualTo(new[] { "1", "2", "other", "3 4" }));
    }

    [Test]
    public async Task A_failed_write_fails_what_is_under_way_and_what_waits_and_nothing_is_written_any_more()
    {
        var writer = new HeldWriter(window: 2);
        var commits = New(writer);
        var appends = await AppendOneByOneAsync(commits, writer, 2);
        appends.AddRange(Enumerable.Range(3, 4).Select(i => Append(commits, i)));

        writer.Fail(new JournalException("the disk is gone"));

        var errors = appends.ConvertAll(append => Assert.ThrowsAsync<JournalException>(() => append.WaitAsync(Patience))!.Message);
        const string after = "The journal 'j' in 'place' accepts no more writes until it is reopened: an earlier write failed: the disk is gone.";
        Assert.That(errors, Is.EqualTo(new[] { "the disk is gone", "the disk is gone", after, after, after, after }));
        Assert.That(Assert.ThrowsAsync<JournalException>(() => Append(commits, 7))!.Message, Is.EqualTo(after));
        Assert.That((writer.Written.Count, commits.LastSequence, _failures.Count), Is.EqualTo((2, 0, 1)));
        await commits.CloseAsync(() => new ObjectDisposedException("j")).WaitAsync(Patience);
    }

    [Test]
    public async Task A_failure_that_is_no_journals_becomes_one()
    {
        var writer = new HeldWriter(window: 1);
        var append = Append(New(writer), 1);

        writer.Fail(new InvalidOperationException("a mistake"));

        Assert.That(Assert.ThrowsAsync<JournalException>(() => append.WaitAsync(Patience))!.InnerException, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task Closing_writes_what_was_taken_and_takes_nothing_more()
    {
        var writer = new HeldWriter(window: 1);
        var commits = New(writer);
        var appends = Enumerable.Range(1, 3).Select(i => Append(commits, i)).ToList();

        var closing = commits.CloseAsync(() => new ObjectDisposedException("j"));
        Assert.That(() => Append(commits, 4), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(closing.IsCompleted, Is.False);
        writer.Finish();
        writer.Finish();
        await closing.WaitAsync(Patience);

        Assert.That(await Task.WhenAll(appends), Is.EqualTo(new[] { 1L, 2L, 3L }));
    }

    [Test]
    public async Task Fencing_fails_what_waits_and_finishes_what_is_being_written()
    {
        var writer = new HeldWriter(window: 1);
        var commits = New(writer);
        var (first, second) = (Append(commits, 1), Append(commits, 2));

        commits.Fence(() => new StaleEpochException("j", 1, 2));
        Assert.That(() => second, Throws.TypeOf<StaleEpochException>());
        writer.Finish();

        Assert.That(await first.WaitAsync(Patience), Is.EqualTo(1));
        Assert.That(() => Append(commits, 3), Throws.TypeOf<StaleEpochException>());
    }

    [Test]
    public async Task What_is_refused_leaves_no_gap_and_room_comes_back_with_each_acknowledgement()
    {
        var writer = new HeldWriter(window: 1);
        var commits = New(writer, new AppendLimits { MaxWaitingAppends = 2 });
        var (first, second) = (Append(commits, 1), Append(commits, 2));

        Assert.That(() => Append(commits, 3), Throws.TypeOf<JournalOverloadedException>());
        writer.Finish();
        await first.WaitAsync(Patience);
        var third = Append(commits, 3);
        writer.Finish();
        writer.Finish();

        Assert.That(await Task.WhenAll(second, third).WaitAsync(Patience), Is.EqualTo(new[] { 2L, 3L }));
        Assert.That(_failures, Is.Empty);
    }

    private GroupCommit New(HeldWriter writer, AppendLimits? limits = null) =>
        new("j", "'place'", writer, limits ?? AppendLimits.Default, lastSequence: 0, _failures.Add);

    private static Task<long> Append(GroupCommit commits, int number) => commits.AppendAsync([Encoding.UTF8.GetBytes($"{number}")], default).AsTask();

    private static async Task<List<Task<long>>> AppendOneByOneAsync(GroupCommit commits, HeldWriter writer, int count)
    {
        var appends = new List<Task<long>>();
        for (var i = 1; i <= count; i++)
        {
            appends.Add(Append(commits, i));
            await writer.BegunAsync(i);
        }

        return appends;
    }

    private sealed class OtherWork() : JournalWork(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Writes nothing until it is told to, and settles as it is told.</summary>
    private sealed class HeldWriter(int window) : IGroupWriter
    {
        private readonly Lock _lock = new();
        private readonly Queue<TaskCompletionSource<int>> _settlements = new();
        private readonly Queue<TaskCompletionSource<int>> _told = new();
        private readonly Channel<bool> _begun = Channel.CreateUnbounded<bool>();
        private int _awaited;

        public int Window => window;

        public List<string> Written { get; } = [];

        public Task Outcome => Oldest().Task;

        public bool Fits(CommitGroup group, AppendWork next) => true;

        public Task BeginAsync(CommitGroup group)
        {
            var texts = group.Appends.SelectMany(append => append.Events).Select(e => Encoding.UTF8.GetString(e.Span));
            lock (_lock) Written.Add(group.Other is null ? string.Join(' ', texts) : "other");
            _begun.Writer.TryWrite(true);
            return Task.CompletedTask;
        }

        public async Task<int> SettleAsync()
        {
            var settled = await Oldest().Task;
            lock (_lock) _settlements.Dequeue();
            return settled;
        }

        /// <summary>Has the oldest groups be safe.</summary>
        public void Finish(int groups = 1) => Next().SetResult(groups);

        public void Fail(Exception error) => Next().SetException(error);

        public async Task BegunAsync(int groups)
        {
            for (; _awaited < groups; _awaited++) await _begun.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }

        // What is told and what is asked for meet in one queue, whichever comes first.
        private TaskCompletionSource<int> Oldest()
        {
            lock (_lock)
            {
                if (!_settlements.TryPeek(out var oldest))
                {
                    oldest = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
                    _settlements.Enqueue(oldest);
                    _told.Enqueue(oldest);
                }

                return oldest;
            }
        }

        private TaskCompletionSource<int> Next()
        {
            lock (_lock)
            {
                if (_told.TryDequeue(out var waiting)) return waiting;
                var early = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
                _settlements.Enqueue(early);
                return early;
            }
        }
    }
}
