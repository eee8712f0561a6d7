
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
}
