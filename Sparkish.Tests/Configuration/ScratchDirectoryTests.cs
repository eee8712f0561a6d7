using Sparkish.Deploy.Worker;

namespace Sparkish.Tests.Configuration;

internal sealed class ScratchDirectoryTests
{
    [Test]
    public void A_directory_goes_with_its_owner_and_one_in_use_stays()
    {
        using var parent = new TemporaryDirectory();
        using var inUse = ScratchDirectory.Create(parent.Path, "blockmgr-");
        File.WriteAllText(Path.Combine(inUse.Path, "data"), "x");

        using (var other = ScratchDirectory.Create(parent.Path, "blockmgr-")) Assert.That(Directory.Exists(other.Path), Is.True);

        Assert.That(Directory.GetDirectories(parent.Path), Is.EqualTo(new[] { inUse.Path }));
    }

    [Test]
    public void Directories_that_come_and_go_at_once_disturb_no_other()
    {
        using var parent = new TemporaryDirectory();

        Assert.That(() => Parallel.For(0, 2_000, _ => ScratchDirectory.Create(parent.Path, "blockmgr-").Dispose()), Throws.Nothing);

        Assert.That(Directory.GetDirectories(parent.Path), Is.Empty);
    }

    [Test]
    public void What_a_killed_process_left_is_removed_by_the_next()
    {
        using var parent = new TemporaryDirectory();
        var left = Directory.CreateDirectory(parent.File("blockmgr-left")).FullName;
        File.WriteAllText(Path.Combine(left, ".owner"), "");
        File.WriteAllText(Path.Combine(left, "data"), "x");
        var foreign = Directory.CreateDirectory(parent.File("blockmgr-foreign")).FullName;

        using var next = ScratchDirectory.Create(parent.Path, "blockmgr-");

        Assert.That(Directory.GetDirectories(parent.Path), Is.EquivalentTo(new[] { foreign, next.Path }));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void What_a_process_left_that_was_killed_while_it_created_a_directory_is_removed_later()
    {
        using var parent = new TemporaryDirectory();
        var old = Directory.CreateDirectory(parent.File(".new-blockmgr-old")).FullName;
        var young = Directory.CreateDirectory(parent.File(".new-blockmgr-young")).FullName;
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));

        using var next = ScratchDirectory.Create(parent.Path, "blockmgr-");

        Assert.That(Directory.GetDirectories(parent.Path), Is.EquivalentTo(new[] { young, next.Path }));
    }

    [Test]
    public void Old_directories_of_applications_are_removed_unless_an_executor_runs_there()
    {
        using var work = new TemporaryDirectory();
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var name in new[] { "app-old", "app-new", "app-running", "assemblies" }) Directory.CreateDirectory(work.File($"{name}/0"));
        foreach (var entry in Directory.GetFileSystemEntries(work.Path, "*", SearchOption.AllDirectories))
            Directory.SetLastWriteTimeUtc(entry, now.UtcDateTime.AddDays(-8));
        Directory.SetLastWriteTimeUtc(work.File("app-new/0"), now.UtcDateTime.AddDays(-6));
        using var elsewhere = new TemporaryDirectory();
        var kept = elsewhere.Write("kept", "");
        Directory.CreateSymbolicLink(work.File("app-old/0/link"), elsewhere.Path);
        Directory.SetLastWriteTimeUtc(work.File("app-old/0"), now.UtcDateTime.AddDays(-8));
        File.SetLastWriteTimeUtc(kept, now.UtcDateTime);

        var removed = WorkDirectories.RemoveOld(work.Path, [work.File("app-running/0")], now.AddDays(-7));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(removed, Is.EqualTo(new[] { work.File("app-old") }), "a link in it leads to something new");
            Assert.That(File.Exists(kept), Is.True);
            Assert.That(Directory.GetDirectories(work.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "app-new", "app-running", "assemblies" }));
        }
    }
}
