using System.IO.Compression;
using System.Text;
using Sparkish.Deploy.Worker.Output;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Worker.Output;

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
    public async Task Output_is_rolled_at_the_end_of_each_period_and_before_it_at_the_size()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualClock(new DateTimeOffset(2026, 1, 1, 10, 59, 0, TimeSpan.Zero));
        var options = new OutputOptions(10, 5) { Interval = TimeSpan.FromHours(1) };
        await using var output = new ExecutorOutput(directory.File("stdout"), options, time, Unexpected);

        await output.WriteAsync("at 10:59"u8.ToArray());
        time.Advance(TimeSpan.FromMinutes(2));
        await output.WriteAsync("at 11:01, and long"u8.ToArray());
        await output.WriteAsync("still 11:01"u8.ToArray());
        time.Advance(TimeSpan.FromHours(3));
        await output.WriteAsync("at 14:01"u8.ToArray());

        Assert.That(Contents(directory), Is.EqualTo(new[] { "stdout: at 14:01", "stdout.1: still 11:01", "stdout.2: at 11:01, and long", "stdout.3: at 10:59" }));
    }

    [Test]
    public async Task A_file_of_an_earlier_period_is_rolled_when_the_driver_starts_again()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualClock(new DateTimeOffset(2026, 1, 2, 0, 5, 0, TimeSpan.Zero));
        var options = new OutputOptions(1000, 5) { Interval = TimeSpan.FromDays(1) };
        File.SetLastWriteTimeUtc(directory.Write("stdout", "yesterday"), new DateTime(2026, 1, 1, 23, 50, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(directory.Write("stderr", "today"), new DateTime(2026, 1, 2, 0, 1, 0, DateTimeKind.Utc));

        foreach (var name in new[] { "stdout", "stderr" })
        {
            await using var output = new ExecutorOutput(directory.File(name), options, time, Unexpected) { Appends = true };
            await output.WriteAsync(" and now"u8.ToArray());
        }

        Assert.That(Contents(directory), Is.EqualTo(new[] { "stderr: today and now", "stdout:  and now", "stdout.1: yesterday" }));
    }

    [Test]
    public async Task Rolled_files_are_compressed_and_those_of_before_move_on()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("stdout.1", "from before");
        var options = new OutputOptions(10, 3) { Compresses = true };
        await using var output = new ExecutorOutput(directory.File("stdout"), options, TimeProvider.System, Unexpected);

        foreach (var text in new[] { "first-----", "second----", "third-----", "fourth" }) await output.WriteAsync(Encoding.UTF8.GetBytes(text));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Names(directory), Is.EqualTo(new[] { "stdout", "stdout.1.gz", "stdout.2.gz", "stdout.3.gz" }));
            Assert.That(Unzip(directory.File("stdout.1.gz")), Is.EqualTo("third-----"));
            Assert.That(Unzip(directory.File("stdout.3.gz")), Is.EqualTo("first-----"));
        }
    }

    [Test]
    public async Task A_file_that_cannot_be_compressed_stays_as_it_is()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("stdout.1.gz.unfinished"));
        await using var output = new ExecutorOutput(directory.File("stdout"), new OutputOptions(10, 3) { Compresses = true }, TimeProvider.System, Unexpected);

        foreach (var text in new[] { "first-----", "second" }) await output.WriteAsync(Encoding.UTF8.GetBytes(text));

        Assert.That(Contents(directory), Is.EqualTo(new[] { "stdout: second", "stdout.1: first-----" }));
    }

    [Test]
    public async Task A_file_that_cannot_be_rolled_keeps_its_content()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualClock();
        var reasons = new List<string>();
        await using var output = new ExecutorOutput(directory.File("stdout"), new OutputOptions(10, 3), time, reasons.Add);
        await output.WriteAsync("first-----"u8.ToArray());
        Directory.CreateDirectory(directory.File("stdout.1/in the way"));

        await output.WriteAsync("lost"u8.ToArray());
        Directory.Delete(directory.File("stdout.1"), recursive: true);
        time.Advance(TimeSpan.FromSeconds(6));
        await output.WriteAsync("second"u8.ToArray());

        Assert.That(reasons, Has.Count.EqualTo(1));
        Assert.That(Contents(directory), Is.EqualTo(
            new[] { "stdout: \n[4 bytes were dropped here: they could not be written]\nsecond", "stdout.1: first-----" }));
    }

    [Test]
    public async Task Any_number_of_rolled_files_can_be_kept()
    {
        using var directory = new TemporaryDirectory();
        await using var output = new ExecutorOutput(directory.File("stdout"), new OutputOptions(1, int.MaxValue), TimeProvider.System, Unexpected);

        for (var i = 0; i < 5; i++) await output.WriteAsync(new[] { (byte)('0' + i) });

        Assert.That(Contents(directory), Is.EqualTo(new[] { "stdout: 4", "stdout.1: 3", "stdout.2: 2", "stdout.3: 1", "stdout.4: 0" }));
    }

    [Test]
    public void Strategies_and_intervals_are_checked()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Options(), Is.EqualTo(new OutputOptions(64L << 20, 3)));
            Assert.That(Options(("strategy", "none")).MaxBytes, Is.Null);
            Assert.That(Options(("strategy", "time")), Is.EqualTo(new OutputOptions(64L << 20, 3) { Interval = TimeSpan.FromDays(1) }));
            Assert.That(Options(("strategy", "time"), ("time.interval", "hourly")).Interval, Is.EqualTo(TimeSpan.FromHours(1)));
            Assert.That(Options(("strategy", "time"), ("time.interval", "90")).Interval, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(Options(("enableCompression", "true")).Compresses, Is.True);
            Assert.That(() => Options(("strategy", "weekly")), Throws.TypeOf<SparkException>().With.Message.Contains("'weekly'"));
            foreach (var wrong in new[] { "weekly", "0", "-5s", "500ms", "367d", "99999999999999999d" })
                Assert.That(() => Options(("time.interval", wrong)), Throws.TypeOf<SparkException>().With.Message.Contains($"'{wrong}'"));
        }
    }

    private static OutputOptions Options(params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false);
        foreach (var (key, value) in settings) conf.Set($"spark.executor.logs.rolling.{key}", value);
        return OutputOptions.From(conf);
    }

    private static IEnumerable<string> Names(TemporaryDirectory directory) =>
        Directory.GetFiles(directory.Path).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Contents(TemporaryDirectory directory) =>
        Names(directory).Select(name => $"{name}: {File.ReadAllText(directory.File(name))}");

    private static string Unzip(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    private static void Unexpected(string reason) => Assert.Fail(reason);
}
