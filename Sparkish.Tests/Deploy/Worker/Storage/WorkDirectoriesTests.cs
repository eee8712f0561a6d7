using Sparkish.Deploy.Worker.Storage;

namespace Sparkish.Tests.Deploy.Worker.Storage;

internal sealed class WorkDirectoriesTests
{
    [Test]
    public void A_work_directory_that_cannot_be_written_is_told_at_the_start()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("file", "");

        WorkDirectories.ThrowIfUnusable(directory.File("work"));

        Assert.That(Directory.GetFileSystemEntries(directory.File("work")), Is.Empty);
        Assert.That(() => WorkDirectories.ThrowIfUnusable(Path.Combine(file, "work")), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith($"The work directory {Path.Combine(file, "work")} cannot be written"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_work_directory_that_every_user_can_write_to_is_refused_at_the_start()
    {
        using var directory = new TemporaryDirectory();
        var work = Directory.CreateDirectory(directory.File("work")).FullName;
        File.SetUnixFileMode(work, (UnixFileMode)0b111_111_111);

        Assert.That(() => WorkDirectories.ThrowIfUnusable(work), Throws.TypeOf<SparkException>().With.Message.Contains("chmod o-w"));
        File.SetUnixFileMode(work, (UnixFileMode)0b111_111_101);
        Assert.That(() => WorkDirectories.ThrowIfUnusable(work), Throws.Nothing);
    }

    [Test]
    public async Task A_directory_on_a_full_disk_is_refused_with_one_clear_error()
    {
        await using var disk = await SmallDisk.MountAsync(kibibytes: 256);
        disk.Fill();

        Assert.That(() => WorkDirectories.Claim(disk.File("app-1/0")), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith($"The disk of {disk.File("app-1/0")} is full").And.Message.Contains("spark.worker.cleanup.appDataTtl"));

        disk.Free();
        WorkDirectories.Claim(disk.File("app-1/0"));
        Assert.That(Directory.GetFileSystemEntries(disk.File("app-1/0")), Is.Empty);
    }

    [Test]
    public void The_size_and_the_last_change_of_a_directory_are_those_of_its_own_files()
    {
        using var work = new TemporaryDirectory();
        using var elsewhere = new TemporaryDirectory();
        elsewhere.Write("large", new string('x', 1000));
        Directory.CreateDirectory(work.File("app-1/0"));
        File.WriteAllText(work.File("app-1/0/stdout"), "12345");
        Directory.CreateSymbolicLink(work.File("app-1/0/link"), elsewhere.Path);
        Directory.CreateSymbolicLink(work.File("app-2"), elsewhere.Path);
        var day = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(work.File("app-1/0/stdout"), day);
        foreach (var directory in new[] { "app-1/0", "app-1" }) Directory.SetLastWriteTimeUtc(work.File(directory), day.AddDays(-1));

        var found = WorkDirectories.Find(work.Path, new DirectoriesInUse());

        Assert.That(found, Is.EqualTo(new[] { new StoredDirectory(work.File("app-1"), 5, new DateTimeOffset(day), IsInUse: false) }));
    }

    [Test]
    public void A_directory_in_use_stays()
    {
        using var work = new TemporaryDirectory();
        Directory.CreateDirectory(work.File("app-1/0"));
        var inUse = new DirectoriesInUse();
        using var other = inUse.Enter(work.File("app-10/0"));

        var use = inUse.Enter(work.File("app-1/1"));
        var whileUsed = WorkDirectories.TryRemove(work.File("app-1"), inUse);
        use.Dispose();
        use.Dispose();
        var afterwards = WorkDirectories.TryRemove(work.File("app-1"), inUse);

        Assert.That((whileUsed, afterwards), Is.EqualTo((false, true)));
        Assert.That(Directory.GetFileSystemEntries(work.Path), Is.Empty);
    }
}
