using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Worker.Storage;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Worker.Storage;

internal sealed class WorkDirectoryCleanerTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TemporaryDirectory _work = null!;

    [SetUp]
    public void MakeDirectory() => _work = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => _work.Dispose();

    [Test]
    public async Task Old_directories_of_applications_are_removed_unless_an_executor_runs_there()
    {
        using var elsewhere = new TemporaryDirectory();
        var kept = elsewhere.Write("kept", "");
        foreach (var name in new[] { "app-old", "driver-old", "app-running", "assemblies" }) Make(name, bytes: 1, age: 8);
        Make("app-new", bytes: 1, age: 6);
        Directory.CreateSymbolicLink(_work.File("app-old/0/link"), elsewhere.Path);
        Directory.SetLastWriteTimeUtc(_work.File("app-old/0"), Now.UtcDateTime.AddDays(-8));
        File.SetLastWriteTimeUtc(kept, Now.UtcDateTime);
        var inUse = new DirectoriesInUse();
        using var running = inUse.Enter(_work.File("app-running/0"));

        await using var cleaner = Start(inUse, maxBytes: null);

        Assert.That(File.Exists(kept), Is.True);
        Assert.That(Left(), Is.EqualTo(new[] { "app-new", "app-running", "assemblies" }));
    }

    [Test]
    public async Task The_least_recently_changed_directories_are_removed_until_the_rest_is_small_enough()
    {
        Make("app-3", bytes: 1000, age: 1);
        Make("app-2", bytes: 1000, age: 2);
        Make("app-1", bytes: 1000, age: 3);
        Make("app-0", bytes: 1000, age: 4);
        var inUse = new DirectoriesInUse();
        using var running = inUse.Enter(_work.File("app-0/0"));

        await using var cleaner = Start(inUse, maxBytes: 2500);

        Assert.That(Left(), Is.EqualTo(new[] { "app-0", "app-3" }), "the oldest one is in use, and counts");
    }

    [Test]
    public async Task Directories_are_looked_at_again_after_the_interval()
    {
        Make("app-1", bytes: 1000, age: 1);
        var time = new ManualClock(Now);
        await using var cleaner = Start(new DirectoriesInUse(), maxBytes: 1500, time);
        var before = Left();

        Make("app-2", bytes: 1000, age: 0);
        time.Advance(TimeSpan.FromMinutes(30));

        Assert.That((before.Single(), Left().Single()), Is.EqualTo(("app-1", "app-2")));
    }

    [Test]
    public async Task What_an_earlier_clean_up_left_is_removed_and_one_that_cannot_be_removed_delays_no_other()
    {
        Make(".removed-1", bytes: 1, age: 0);
        Make("app-1", bytes: 1, age: 8);
        Make("app-2", bytes: 1, age: 9);
        await using var cleaner = Start(new DirectoriesInUse(), maxBytes: null);

        Assert.That(Left(), Is.Empty);
    }

    [Test]
    public void A_limit_of_size_alone_removes_nothing_that_fits()
    {
        StoredDirectory[] all = [new("a", 10, Now.AddDays(-1), IsInUse: false), new("b", 20, Now, IsInUse: true)];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(CleanupPolicy.Choose(all, Options(30), Now), Is.Empty);
            Assert.That(CleanupPolicy.Choose(all, Options(29), Now), Is.EqualTo(all[..1]));
            Assert.That(CleanupPolicy.Choose(all, Options(5), Now), Is.EqualTo(all[..1]), "what runs stays, however large it is");
            Assert.That(CleanupPolicy.Choose([], Options(0), Now), Is.Empty);
        }
    }

    private static CleanupOptions Options(long? maxBytes) => new(TimeSpan.FromMinutes(30), TimeSpan.FromDays(7), maxBytes);

    private WorkDirectoryCleaner Start(DirectoriesInUse inUse, long? maxBytes, ManualClock? time = null)
    {
        time ??= new ManualClock(Now);
        var cleaner = new WorkDirectoryCleaner(_work.Path, inUse, "blockmgr-", Options(maxBytes), time, NullLogger.Instance);
        time.Advance(TimeSpan.Zero);
        return cleaner;
    }

    private IEnumerable<string> Left() =>
        [.. Directory.GetFileSystemEntries(_work.Path).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Make(string name, int bytes, int age)
    {
        Directory.CreateDirectory(_work.File($"{name}/0"));
        File.WriteAllBytes(_work.File($"{name}/0/stdout"), new byte[bytes]);
        var time = Now.UtcDateTime.AddDays(-age);
        File.SetLastWriteTimeUtc(_work.File($"{name}/0/stdout"), time);
        foreach (var directory in new[] { $"{name}/0", name }) Directory.SetLastWriteTimeUtc(_work.File(directory), time);
    }
}
