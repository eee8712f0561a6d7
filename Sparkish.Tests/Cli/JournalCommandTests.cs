using Sparkish.Persistence.EventSourcing;
using Sparkish.Persistence.Files;
using Sparkish.Tests.Persistence;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Cli;

/// <summary><c>sparkish journal</c> as an operator runs it.</summary>
internal sealed class JournalCommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_journal_is_printed_as_lines_of_JSON()
    {
        using var directory = new TemporaryDirectory();
        await WriteAsync(directory.Path, "counter", snapshotEvery: 0);

        var (status, output, error) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path);

        Assert.That((status, error), Is.EqualTo((0, "")));
        Assert.That(output, Is.EqualTo(
            """
            {"sequence":1,"epoch":1,"type":"Incremented","event":{"By":2,"Client":"test"}}
            {"sequence":2,"epoch":1,"type":"WasReset","event":{}}
            {"sequence":3,"epoch":1,"type":"Incremented","event":{"By":3,"Client":"anna"}}
            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public async Task A_snapshot_comes_first_and_what_comes_behind_it_is_still_readable()
    {
        using var directory = new TemporaryDirectory();
        await WriteAsync(directory.Path, "counter", snapshotEvery: 2);

        var (status, output, _) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path, "--name", "counter");

        Assert.That(status, Is.Zero);
        Assert.That(output, Is.EqualTo(
            """
            {"sequence":2,"type":"CounterState","snapshot":{"Value":0,"Increments":{}}}
            {"sequence":3,"epoch":1,"type":"Incremented","event":{"By":3,"Client":"anna"}}
            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public async Task Names_are_listed()
    {
        using var directory = new TemporaryDirectory();
        await WriteAsync(directory.Path, "b");
        await WriteAsync(directory.Path, "a");

        var (status, output, error) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path, "--list");
        var (without, _, why) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path);

        Assert.That((status, output, error), Is.EqualTo((0, "a\nb", "")));
        Assert.That((without, why), Is.EqualTo((2, "sparkish: --name is missing, and there are 2 journals: a, b.")));
    }

    [Test]
    public async Task What_is_not_of_an_event_sourced_endpoint_is_printed_as_its_bytes()
    {
        using var directory = new TemporaryDirectory();
        await using (var store = new FileJournalStore(directory.Path))
        await using (var journal = await store.OpenAsync("other"))
        {
            await journal.AppendAsync([new byte[] { 9, 9 }]);
        }

        var (status, output, _) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path);

        Assert.That((status, output), Is.EqualTo((0,
            """{"sequence":1,"epoch":1,"error":"The event is in format 9, but this version reads format 1: update the reader.","bytes":"CQk="}""")));
    }

    [Test]
    public async Task A_corrupt_journal_is_told_in_one_line_with_the_position()
    {
        using var directory = new TemporaryDirectory();
        await WriteAsync(directory.Path, "counter", snapshotEvery: 0);
        var file = Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).OrderByDescending(name => new FileInfo(name).Length).First();
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 0x55;
        await File.WriteAllBytesAsync(file, bytes);

        var (status, _, error) = await JournalCommandLine.RunAsync("journal", "--directory", directory.Path, "--name", "counter");

        Assert.That(status, Is.EqualTo(1));
        Assert.That(error, Does.StartWith("sparkish: ").And.Not.Contain("\n").And.Match("[0-9]+"));
    }

    [TestCase("journal --directory /nowhere", 1, "sparkish: The directory '/nowhere' does not exist: give the directory of the journals.")]
    [TestCase("journal --directory . --name ../x", 2,
        "sparkish: '../x' is not a valid name of a journal: use up to 100 letters, digits, '.', '_' and '-', and no dot at the start. (Parameter 'name')")]
    public async Task A_wrong_place_is_told_in_one_line(string arguments, int expected, string line)
    {
        var (status, _, error) = await JournalCommandLine.RunAsync(arguments.Split(' '));

        Assert.That((status, error), Is.EqualTo((expected, line)));
    }

    [TestCase("journal")]
    [TestCase("journal --directory a --postgresql b")]
    public async Task Exactly_one_place_must_be_given(string arguments)
    {
        var (status, _, error) = await JournalCommandLine.RunAsync(arguments.Split(' '));

        Assert.That(status, Is.EqualTo(2));
        Assert.That(error, Does.StartWith("sparkish: The store of the journals is missing: give --directory").And.Not.Contain("\n"));
    }

    private static async Task WriteAsync(string directory, string name, int snapshotEvery = 0)
    {
        await using var store = new FileJournalStore(directory);
        await using var env = Envs.New();
        var options = new EventSourcingOptions<ICounterEvent>(store, name, EventSourcingCounter.Events) { SnapshotEvery = snapshotEvery };
        var counter = env.SetupEndpoint("counter", new EventSourcingCounter(options));
        await counter.AskAsync<long>(new Increment(2));
        await counter.AskAsync<long>(new ResetCounter());
        if (snapshotEvery > 0) await UntilSnapshotAsync(store, name);
        await counter.AskAsync<long>(new Increment(3, "anna"));
    }

    private static async Task UntilSnapshotAsync(FileJournalStore store, string name)
    {
        await using var reader = await store.OpenReaderAsync(name);
        using var patience = new CancellationTokenSource(Limit);
        while (await reader.ReadSnapshotAsync(patience.Token) is null) await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
    }
}
