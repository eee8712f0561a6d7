using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Worker.Processes;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy.Worker.Processes;

/// <summary>Processes as a worker leaves them behind.</summary>
[Platform("Linux")]
internal sealed class WorkProcessesTests
{
    private const string Endless = "echo ready; exec sleep 1000"; // one process, so that its end is also that of its output
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly List<TestProcess> _processes = [];
    private TemporaryDirectory _work = null!;

    [SetUp]
    public void MakeDirectory() => _work = new TemporaryDirectory();

    [TearDown]
    public async Task EndAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        _processes.Clear();
        _work.Dispose();
    }

    [Test]
    public async Task A_process_whose_worker_has_ended_is_asked_to_stop()
    {
        var orphan = await StartAsync("app-1/0", await EndedAsync(), "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done");

        await WorkProcesses.EndOrphansAsync(_work.Path, Grace, TimeProvider.System, NullLogger.Instance);

        Assert.That(await orphan.WaitForExitAsync(Limit), Is.EqualTo(7));
    }

    [Test]
    public async Task An_orphan_that_does_not_stop_is_killed_with_what_it_has_started()
    {
        var orphan = await StartAsync("driver-1", await EndedAsync(), "trap '' TERM; sh -c 'sleep 1000' & echo child $!; echo ready; while :; do sleep 0.02; done");
        var child = ProcessIdentity.Find(int.Parse(orphan.Output[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))!.Value;

        await WorkProcesses.EndOrphansAsync(_work.Path, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);

        Assert.That(await orphan.WaitForExitAsync(Limit), Is.EqualTo(137));
        Assert.That(child.IsAlive, Is.False);
    }

    [Test]
    public async Task A_process_of_a_worker_that_runs_and_one_of_another_directory_are_left_alone()
    {
        var ofThisWorker = await StartAsync("app-1/0", ProcessIdentity.Current!.Value.ToString(), Endless);
        using var elsewhere = new TemporaryDirectory();
        var ofAnother = await StartAsync(elsewhere.File("app-1/0"), await EndedAsync(), Endless);
        var similar = await StartAsync($"{_work.Path}-2/app-1/0", await EndedAsync(), Endless);
        var unmarked = Start([], Endless);
        await unmarked.WaitForLineAsync(static line => line == "ready", Limit);

        await WorkProcesses.EndOrphansAsync(_work.Path, Grace, TimeProvider.System, NullLogger.Instance);

        Assert.That(new[] { ofThisWorker, ofAnother, similar, unmarked }.Select(static process => ProcessIdentity.Find(process.Id)), Has.None.Null);
    }

    [Test]
    public async Task A_worker_whose_process_id_was_given_to_another_process_has_ended()
    {
        var ofReusedId = (ProcessIdentity.Current!.Value with { Start = "1" }).ToString();
        var orphan = await StartAsync("app-1/0", ofReusedId, Endless);

        await WorkProcesses.EndOrphansAsync(_work.Path, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);

        Assert.That(await orphan.WaitForExitAsync(Limit), Is.AnyOf(137, 143));
    }

    [Test]
    public async Task A_work_directory_that_is_reached_through_a_link_is_the_same()
    {
        using var links = new TemporaryDirectory();
        Directory.CreateSymbolicLink(links.File("work"), _work.Path);
        var orphan = await StartAsync(links.File("work/app-1/0"), await EndedAsync(), Endless);

        await WorkProcesses.EndOrphansAsync(_work.Path, TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);

        Assert.That(await orphan.WaitForExitAsync(Limit), Is.AnyOf(137, 143));
    }

    [Test]
    public async Task A_signal_does_not_reach_a_later_process_with_the_same_id()
    {
        var process = await StartAsync("app-1/0", ProcessIdentity.Current!.Value.ToString(), Endless);
        var identity = ProcessIdentity.Find(process.Id)!.Value;

        var sent = (identity with { Start = identity.Start + "0" }).Send(9);

        Assert.That((sent, identity.IsAlive), Is.EqualTo((false, true)));
        Assert.That(identity.Send(9), Is.True);
        Assert.That(await process.WaitForExitAsync(Limit), Is.EqualTo(137));
        Assert.That((identity.IsAlive, identity.Send(9)), Is.EqualTo((false, false)));
    }

    [TestCase("")]
    [TestCase("12")]
    [TestCase("twelve:7")]
    [TestCase("1:2:3")]
    public void Only_a_process_and_its_start_are_an_identity(string text) => Assert.That(ProcessIdentity.TryParse(text), Is.Null);

    private async Task<TestProcess> StartAsync(string directory, string worker, string script)
    {
        var process = Start([(WorkProcesses.DirectoryVariable, _work.File(directory)), (WorkProcesses.WorkerVariable, worker)], script);
        await process.WaitForLineAsync(static line => line == "ready", Limit);
        return process;
    }

    private TestProcess Start((string Name, string Value)[] variables, string script)
    {
        var environment = variables.ToDictionary(static one => one.Name, static one => (string?)one.Value, StringComparer.Ordinal);
        var process = TestProcess.Start("/bin/sh", ["-c", script], environment: environment);
        _processes.Add(process);
        return process;
    }

    /// <summary>A worker that has ended.</summary>
    private static async Task<string> EndedAsync()
    {
        await using var worker = TestProcess.Start("/bin/sh", ["-c", "read line"]);
        var identity = ProcessIdentity.Find(worker.Id)!.Value;
        worker.EndInput();
        await worker.WaitForExitAsync(Limit);
        return identity.ToString();
    }
}
