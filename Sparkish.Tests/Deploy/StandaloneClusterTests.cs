using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy;

/// <summary>Jobs of this process on executors that are processes of their own, which know nothing of this assembly but what the driver sends them.</summary>
public sealed class StandaloneClusterTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static readonly (string Key, string Value) OneCore = ("spark.cores.max", "1");

    private StandaloneCluster _cluster = null!;

    /// <summary>Starts a cluster of two workers for the tests that leave master and workers alone.</summary>
    [OneTimeSetUp]
    public async Task StartCluster() => _cluster = await StandaloneCluster.StartAsync(workers: 2);

    [OneTimeTearDown]
    public async Task StopCluster() => await _cluster.DisposeAsync();

    [Test]
    public async Task Executors_get_the_applications_assemblies_from_the_driver()
    {
        await using var sc = LocalContext.Start(_cluster.Url);

        var processes = sc.Parallelize(Enumerable.Range(0, 8), 8).Map(_ => Environment.ProcessId).Collect();

        Assert.That(processes.Distinct(), Has.None.EqualTo(Environment.ProcessId));
        Assert.That(Counts(sc).Collect().Order(), Is.EqualTo(ExpectedCounts));
    }

    [Test]
    [SetCulture("fr-FR")]
    public async Task Executors_have_the_cultures_of_the_driver_and_tasks_run_in_its_own()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore);
        var german = CultureInfo.GetCultureInfo("de-DE");

        var seen = sc.Parallelize(["1,5"], 1).Map(text => string.Join('|', decimal.Parse(text, german) * 2, $"{new DateTime(2026, 1, 1):MMMM}",
            "e\u0301".Normalize(NormalizationForm.FormC).Length, german.CompareInfo.Compare("é", "e", CompareOptions.IgnoreNonSpace))).Collect();

        Assert.That(seen, Is.EqualTo(new[] { "3,0|janvier|1|0" }));
    }

    [Test]
    public async Task A_killed_executor_costs_no_result()
    {
        await using var sc = LocalContext.Start(_cluster.Url);

        var actual = await CollectWhileAsync(sc, Counts(sc), executors: 2, victims =>
        {
            Process.GetProcessById(victims[0]).Kill();
            return Task.CompletedTask;
        });

        Assert.That(actual.Order(), Is.EqualTo(ExpectedCounts));
    }

    [Test]
    public async Task A_killed_worker_and_a_killed_executor_of_another_cost_a_word_count_nothing()
    {
        using var directory = new TemporaryDirectory();
        var lines = Enumerable.Range(0, 3_000).Select(i => $"word{i % 70} {(i % 3 == 0 ? "three" : "other")} {i % 11}").ToArray();
        var expected = lines.SelectMany(line => line.Split(' ')).CountBy(word => word, StringComparer.Ordinal).Select(count => (count.Key, count.Value));
        var input = directory.Write("input.txt", string.Join('\n', lines));
        await using var cluster = await StandaloneCluster.StartAsync(workers: 3);
        await using var sc = LocalContext.Start(cluster.Url);
        var counts = sc.TextFile(input, 6).FlatMap(line => line.Split(' ')).Map(word => (Key: word, Value: 1)).ReduceByKey((a, b) => a + b, 6);
        var left = 0;

        var actual = await CollectWhileAsync(sc, counts, executors: 3, async processes =>
        {
            Process[] executors = [.. processes.Select(Process.GetProcessById)];
            Process.GetProcessById(cluster.Workers[0].Id).Kill();
            await await Task.WhenAny(executors.Select(executor => executor.WaitForExitAsync())).WaitAsync(Limit);
            left = executors.Count(executor => !executor.HasExited);
            executors.First(executor => !executor.HasExited).Kill();
        });

        Assert.That(actual, Is.EquivalentTo(expected));
        Assert.That(left, Is.EqualTo(2));
    }

    [Test]
    public async Task Two_applications_run_beside_each_other_on_executors_of_their_own()
    {
        await using var one = LocalContext.Start(_cluster.Url, OneCore);
        await using var other = LocalContext.Start(_cluster.Url, OneCore);
        await using var gate = new TaskGate();
        var port = gate.Port;

        var ofOne = Task.Run(() => Counts(one).MapPartitions(part => Gated(part, port)).Collect());
        var ofOther = Task.Run(() => Counts(other).MapPartitions(part => Gated(part, port)).Collect());
        var processes = new[] { await gate.NextArrivalAsync(), await gate.NextArrivalAsync() };
        gate.Open();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(processes, Is.Unique);
            Assert.That((await ofOne.WaitAsync(Limit)).Order(), Is.EqualTo(ExpectedCounts));
            Assert.That((await ofOther.WaitAsync(Limit)).Order(), Is.EqualTo(ExpectedCounts));
        }
    }

    [Test]
    public async Task A_worker_registers_with_a_master_that_was_killed_and_started_again_and_runs_applications()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);
        await using (var before = LocalContext.Start(cluster.Url)) Assert.That(Counts(before).Collect().Order(), Is.EqualTo(ExpectedCounts));

        await cluster.RestartMasterAsync();

        await using var after = LocalContext.Start(cluster.Url);
        Assert.That(Counts(after).Collect().Order(), Is.EqualTo(ExpectedCounts));
    }

    [Test]
    public async Task A_job_whose_master_and_executors_are_killed_ends_with_the_reason()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);
        await using var sc = LocalContext.Start(cluster.Url, ("spark.starvation.timeout", "1s"));
        await using var gate = new TaskGate();
        var port = gate.Port;
        var counting = Task.Run(() => sc.Parallelize([1], 1).MapPartitions(part => Gated(part, port)).Count());
        var executor = await gate.NextArrivalAsync();

        cluster.Master.Kill();
        Process.GetProcessById(executor).Kill();

        Assert.That(async () => await counting.WaitAsync(Limit),
            Throws.TypeOf<SparkException>().With.Message.Contains("no executor is left, and master").And.Message.Contains("restart the application"));
    }

    [Test]
    public async Task An_exception_of_a_type_that_only_the_application_knows_comes_back_as_itself()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore);

        var error = Assert.Throws<SparkException>(() => sc.Parallelize(new[] { 1 }, 1).Map(FailHard).Collect());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.InnerException, Is.TypeOf<HardFailureException>().With.Property(nameof(HardFailureException.Code)).EqualTo(7));
            Assert.That(error.InnerException!.StackTrace, Does.Contain(nameof(FailHard)));
        }
    }

    [Test]
    public async Task A_task_that_kills_its_executor_is_tried_four_times_and_fails_the_job()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore);

        Assert.That(() => sc.Parallelize(new[] { 1 }, 1).Map(Exit).Collect(), Throws.TypeOf<SparkException>()
            .With.Message.Contains("failed 4 times, most recent failure")
            .And.Message.Contains("exited caused by one of the running tasks) [Reason: Command exited with code 9; see "));
    }

    [Test]
    public async Task Executors_that_cannot_start_end_the_job_with_the_masters_reason()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore, ("spark.executor.memory", "1m"));

        Assert.That(() => sc.Parallelize(new[] { 1 }, 1).Collect(), Throws.TypeOf<SparkException>()
            .With.Message.Contains("10 executors in a row ended without success soon after their start, the last with 'Command exited with code "));
    }

    [Test]
    public async Task A_result_that_is_too_large_to_be_sent_fails_the_job_and_names_the_setting()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore, ("spark.rpc.message.maxSize", "1m"));

        Assert.That(() => sc.Parallelize(new[] { 2 << 20 }, 1).Map(size => new byte[size]).Collect(),
            Throws.TypeOf<SparkException>().With.Message.Contains("spark.rpc.message.maxSize"));
        Assert.That(sc.Parallelize(new[] { 1, 2 }, 2).Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_task_that_is_too_large_to_be_sent_fails_the_job_and_names_the_setting()
    {
        await using var sc = LocalContext.Start(_cluster.Url, OneCore, ("spark.rpc.message.maxSize", "1m"));
        var large = new byte[2 << 20];

        Assert.That(() => sc.Parallelize(new[] { 1 }, 1).Map(i => large.Length + i).Collect(),
            Throws.TypeOf<SparkException>().With.Message.Contains("spark.rpc.message.maxSize"));
        Assert.That(sc.Parallelize(new[] { 1, 2 }, 2).Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task An_executor_that_is_killed_while_it_writes_leaves_nothing_in_the_output()
    {
        using var directory = new TemporaryDirectory();
        await using var sc = LocalContext.Start(_cluster.Url, OneCore);
        var (output, died) = (directory.File("out"), directory.File("died"));

        sc.Parallelize(Enumerable.Range(0, 100_000), 2).Map(row => DieOnce(row, died)).SaveAsTextFile(output);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.Exists(died), Is.True);
            Assert.That(Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName), Is.EquivalentTo(new[] { "_SUCCESS", "part-00000", "part-00001" }));
            Assert.That(sc.TextFile(output).Count(), Is.EqualTo(100_000));
        }
    }

    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task An_application_leaves_no_files_behind(string master)
    {
        using var directory = new TemporaryDirectory();
        await using var sc = LocalContext.Start(master, ("spark.local.dir", directory.Path));
        Counts(sc).Count();
        var during = Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Count();

        await sc.DisposeAsync();

        Assert.That((during > 0, Directory.EnumerateFileSystemEntries(directory.Path).Count()), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task A_lambda_that_captures_a_socket_is_refused_where_it_is_given()
    {
        await using var sc = LocalContext.Start();
        using var client = new TcpClient();

        Assert.That(() => sc.Parallelize(new[] { 1 }).Map(x => x + client.Available), Throws.TypeOf<SerializationException>()
            .With.Message.StartsWith("Map(...) captures client").And.Message.Contains("System.Net.Sockets.")
                .And.Message.Contains("cannot be sent to executors"));
    }

    [Test]
    public async Task An_RDD_inside_another_ones_function_is_refused()
    {
        await using var sc = LocalContext.Start();
        var inner = sc.Parallelize(new[] { 1 });

        Assert.That(() => sc.Parallelize(new[] { 1 }).Map(x => x + inner.Count()), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("RDD transformations and actions can only be invoked by the driver"));
    }

    private static IEnumerable<(int Key, int Value)> ExpectedCounts => Enumerable.Range(0, 10).Select(key => (key, 100));

    private static Rdd<(int Key, int Value)> Counts(SparkContext sc) =>
        sc.Parallelize(Enumerable.Range(0, 1000), 4).Map(x => (Key: x % 10, Value: 1)).ReduceByKey((a, b) => a + b);

    /// <summary>Collects counts over map outputs that lie on all executors, and acts while a reduce task runs on each of them.</summary>
    private static async Task<T[]> CollectWhileAsync<T>(SparkContext sc, Rdd<T> counts, int executors, Func<int[], Task> act)
    {
        await using var gate = new TaskGate();
        var port = gate.Port;
        WaitForExecutors(sc, executors, port, gate);
        counts.Count();

        await using var second = new TaskGate();
        var secondPort = second.Port;
        var collected = Task.Run(() => counts.MapPartitions(part => Gated(part, secondPort)).Collect());
        await act(await ArrivalsAsync(second, executors));
        second.Open();
        return await collected.WaitAsync(Limit);
    }

    /// <summary>Keeps tasks waiting until there is one for each executor: then all executors are there.</summary>
    private static void WaitForExecutors(SparkContext sc, int executors, int port, TaskGate gate)
    {
        var opened = OpenAfterAsync(gate, executors);
        sc.Parallelize(Enumerable.Range(0, executors), executors).MapPartitions(part => Gated(part, port)).Count();
        Assert.That(opened.IsCompletedSuccessfully, Is.True);
    }

    private static async Task OpenAfterAsync(TaskGate gate, int arrivals)
    {
        await ArrivalsAsync(gate, arrivals);
        gate.Open();
    }

    private static async Task<int[]> ArrivalsAsync(TaskGate gate, int count)
    {
        var processes = new int[count];
        for (var i = 0; i < count; i++) processes[i] = await gate.NextArrivalAsync();
        return processes;
    }

    private static IEnumerable<T> Gated<T>(IEnumerable<T> part, int port)
    {
        TaskGate.Pass(port);
        return part;
    }

    /// <summary>Kills its executor in the middle of a partition, the first time.</summary>
    private static int DieOnce(int row, string died)
    {
        if (row != 30_000 || File.Exists(died)) return row;
        File.WriteAllText(died, "");
        Process.GetCurrentProcess().Kill();
        return row;
    }

    private static int Exit(int number)
    {
        Environment.Exit(9);
        return number;
    }

    private static int FailHard(int number) => throw new HardFailureException($"{number} is too hard", 7);

    public sealed class HardFailureException(string message, int code) : Exception(message)
    {
        public int Code { get; } = code;
    }
}
