using System.Text;
using Sparkish.Deploy;
using Sparkish.Deploy.Logs;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Logs;

/// <summary>Output is read across files that are rolled meanwhile, and nothing else of the work directory is.</summary>
internal sealed class LogFilesTests
{
    private const int Most = 1000;
    private static readonly LogSource Executor = new(new ApplicationId("app-1"), 0, null);

    private TemporaryDirectory _work = null!;
    private LogFiles _files = null!;

    [SetUp]
    public void NewDirectory()
    {
        _work = new TemporaryDirectory();
        _files = new LogFiles(_work.Path);
        Directory.CreateDirectory(_work.File("app-1/0"));
    }

    [TearDown]
    public void RemoveDirectory() => _work.Dispose();

    [Test]
    public void Output_is_read_from_the_oldest_file_to_the_newest()
    {
        Write("stdout.2", "one ");
        Write("stdout.1", "two ");
        Write("stdout", "three");

        Assert.That(ReadAll(Most), Is.EqualTo("one two three"));
        Assert.That(ReadAll(maxBytes: 2), Is.EqualTo("one two three"), "also in small parts");
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void The_work_directory_may_be_a_link()
    {
        using var other = new TemporaryDirectory();
        Directory.CreateDirectory(_work.File("driver-1"));
        File.WriteAllText(_work.File("driver-1/stdout"), "of the driver");
        Write("stdout", "of the executor");
        var files = new LogFiles(Directory.CreateSymbolicLink(other.File("work"), _work.Path).FullName);

        Assert.That(files.Read(Executor, LogStream.Stdout, from: null, Most), Has.Property(nameof(LogPart.Data)).EqualTo("of the executor"u8.ToArray()));
        var driver = files.Read(new LogSource(null, 0, new DriverId("driver-1")), LogStream.Stdout, from: null, Most);
        Assert.That(driver, Has.Property(nameof(LogPart.Data)).EqualTo("of the driver"u8.ToArray()));
    }

    [Test]
    [Platform("Linux")]
    public void Reading_continues_in_a_file_that_was_rolled_meanwhile()
    {
        Write("stdout", "first");
        var read = Read(from: null);
        File.AppendAllText(PathOf("stdout"), " and more");
        File.Move(PathOf("stdout"), PathOf("stdout.1"));
        Write("stdout", ", then another file");

        var more = Read(read.Next);
        var rest = Read(more.Next);
        var end = Read(rest.Next);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((Text(more), Text(rest), Text(end)), Is.EqualTo((" and more", ", then another file", "")));
            Assert.That(more.HasGap || rest.HasGap || end.HasGap, Is.False);
            Assert.That(end.Next, Is.EqualTo(rest.Next));
        }
    }

    [Test]
    [Platform("Linux")]
    public void Output_that_was_removed_before_it_was_read_is_reported_as_a_gap()
    {
        Write("stdout", "first");
        var read = Read(from: null);
        File.Delete(PathOf("stdout"));
        Write("stdout.1", "later ");
        Write("stdout", "output");

        var next = Read(read.Next);

        Assert.That((Text(next), next.HasGap), Is.EqualTo(("later ", true)));
        Assert.That(Text(Read(next.Next)), Is.EqualTo("output"));
    }

    [Test]
    public void The_streams_and_the_processes_are_kept_apart()
    {
        Write("stdout", "out");
        Write("stderr", "err");
        Directory.CreateDirectory(_work.File("driver-1"));
        _work.Write("driver-1/stdout", "of the driver");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text(_files.Read(Executor, LogStream.Stderr, null, Most)!), Is.EqualTo("err"));
            Assert.That(Text(_files.Read(new LogSource(null, 0, new DriverId("driver-1")), LogStream.Stdout, null, Most)!), Is.EqualTo("of the driver"));
            Assert.That(_files.Read(Executor with { Executor = 1 }, LogStream.Stdout, null, Most), Is.Null);
        }
    }

    [Test]
    [Platform("Unix")]
    public void Links_and_pipes_are_not_opened()
    {
        var secret = _work.Write("secret", "not for users");
        File.CreateSymbolicLink(PathOf("stdout"), secret);
        Directory.CreateDirectory(_work.File("elsewhere"));
        _work.Write("elsewhere/stdout", "not for users");
        Directory.CreateDirectory(_work.File("app-2"));
        Directory.CreateSymbolicLink(_work.File("app-2/0"), _work.File("elsewhere"));
        Directory.CreateDirectory(_work.File("app-3/0/stdout"));

        var link = _files.Read(Executor, LogStream.Stdout, null, Most);
        var linkedDirectory = _files.Read(Executor with { App = new ApplicationId("app-2") }, LogStream.Stdout, null, Most);
        var directory = _files.Read(Executor with { App = new ApplicationId("app-3") }, LogStream.Stdout, null, Most);

        Assert.That(new[] { link, linkedDirectory, directory }, Is.All.Null);
    }

    [TestCase("app-../../etc", 0, null)]
    [TestCase("app-1", -1, null)]
    [TestCase("etc", 0, null)]
    [TestCase(null, 0, "driver-/etc")]
    [TestCase(null, 0, null)]
    [TestCase("app-1", 0, "driver-1")]
    public void A_source_that_is_no_process_is_refused_before_it_becomes_a_path(string? app, int executor, string? driver)
    {
        var source = new LogSource(app is null ? null : new ApplicationId(app), executor, driver is null ? null : new DriverId(driver));

        Assert.That(LogRules.ProblemOf(new FetchLog(source, LogStream.Stdout, null)), Is.Not.Null);
        Assert.That(LogRules.ProblemOf(new RequestLog(source, LogStream.Stdout, null, null)), Is.Not.Null);
    }

    private string PathOf(string name) => _work.File("app-1/0/" + name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    private LogPart Read(LogPosition? from) => _files.Read(Executor, LogStream.Stdout, from, Most)!;

    private string ReadAll(int maxBytes)
    {
        var text = new StringBuilder();
        var part = _files.Read(Executor, LogStream.Stdout, null, maxBytes)!;
        for (; part.Data.Length > 0; part = _files.Read(Executor, LogStream.Stdout, part.Next, maxBytes)!) text.Append(Text(part));
        return text.ToString();
    }

    private static string Text(LogPart part) => Encoding.UTF8.GetString(part.Data);
}
