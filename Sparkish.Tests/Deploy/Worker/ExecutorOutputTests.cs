using System.Text;
using Sparkish.Deploy.Worker;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Worker;

internal sealed class ExecutorOutputTests
{
    [Test]
    public async Task Output_is_rolled_by_size_and_the_oldest_is_removed()
    {
        using var directory = new TemporaryDirectory();
        await using var output = new ExecutorOutput(directory.File("stdout"), new OutputOptions(10, 2), TimeProvider.System, Unexpected);

        foreach (var text in new[] { "first-----", "second----", "third-----", "fourth" }) await output.WriteAsync(Encoding.UTF8.GetBytes(text));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Directory.GetFiles(directory.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "stdout", "stdout.1", "stdout.2" }));
            Assert.That(File.ReadAllText(directory.File("stdout")), Is.EqualTo("fourth"));
            Assert.That(File.ReadAllText(directory.File("stdout.1")), Is.EqualTo("third-----"));
            Assert.That(File.ReadAllText(directory.File("stdout.2")), Is.EqualTo("second----"));
        }
    }

    [Test]
    public async Task Output_that_cannot_be_written_is_read_on_reported_once_and_kept_again_later()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualClock();
        var reasons = new List<string>();
        await using var output = new ExecutorOutput(directory.File("gone/stdout"), new OutputOptions(null, 0), time, reasons.Add);

        await output.CopyAsync(new MemoryStream(new byte[100_000]));
        Directory.CreateDirectory(directory.File("gone"));
        await output.WriteAsync("too soon"u8.ToArray());
        time.Advance(TimeSpan.FromSeconds(6));
        await output.WriteAsync("back"u8.ToArray());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(reasons, Has.Count.EqualTo(1));
            Assert.That(reasons[0], Does.StartWith("stdout cannot be written and is dropped"));
            Assert.That(File.ReadAllText(directory.File("gone/stdout")), Is.EqualTo("\n[100008 bytes were dropped here: they could not be written]\nback"));
        }
    }

    [Test]
    public void Only_strategies_that_are_known_are_taken()
    {
        var conf = new SparkConf(loadDefaults: false);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(OutputOptions.From(conf), Is.EqualTo(new OutputOptions(64L << 20, 3)));
            Assert.That(OutputOptions.From(new SparkConf(loadDefaults: false).Set("spark.executor.logs.rolling.strategy", "none")).MaxBytes, Is.Null);
            Assert.That(() => OutputOptions.From(new SparkConf(loadDefaults: false).Set("spark.executor.logs.rolling.strategy", "time")),
                Throws.TypeOf<SparkException>().With.Message.Contains("'time'"));
        }
    }

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

    private static void Unexpected(string reason) => Assert.Fail(reason);
}
