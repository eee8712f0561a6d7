using Sparkish.Configuration;
using Sparkish.Executor;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Security;

/// <summary>Whole clusters whose nodes prove themselves.</summary>
public sealed class ClusterSecurityTests
{
    private const string Secret = "correct horse battery staple";

    [Test]
    public async Task Executor_processes_prove_themselves_without_the_secret_on_their_command_line([Values] bool fromFile)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", Secret + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead);
        string[] arguments = ["--conf", fromFile ? $"spark.authenticate.secret.file={file}" : $"spark.authenticate.secret={Secret}"];
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, arguments);
        await using var sc = Start(cluster.Url, Conf(Secret));

        var ids = sc.Parallelize(Enumerable.Range(0, 4), 2).Map(i => (i % 2, Environment.ProcessId)).ReduceByKey((x, _) => x).Map(pair => pair.Item2).Collect();

        var executor = ids.Distinct().Single();
        Assert.That(executor, Is.Not.EqualTo(Environment.ProcessId));
        if (OperatingSystem.IsLinux())
        {
            Assert.That(await File.ReadAllTextAsync($"/proc/{executor}/cmdline"), Does.Contain("--driver-url").And.Not.Contain(Secret).And.Not.Contain(file));
            Assert.That(await File.ReadAllTextAsync($"/proc/{executor}/environ"), Does.Not.Contain(Secret));
        }

        Assert.That(cluster.Workers.SelectMany(worker => worker.Errors.Concat(worker.Output)), Has.None.Contains(Secret));
    }

    [Test]
    public async Task An_application_with_another_secret_does_not_get_into_the_cluster()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, "--conf", $"spark.authenticate.secret={Secret}");

        var error = Assert.Throws<SparkException>(() => Start(cluster.Url, Conf("another secret, just as long")));

        Assert.That(error!.ToString(), Does.Contain("spark.authenticate.secret differ").And.Not.Contain("another secret"));
    }

    [Test]
    public async Task A_user_with_the_printed_client_key_runs_applications_and_is_no_worker()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", Secret);
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, "--conf", $"spark.authenticate.secret.file={file}");
        var printed = await TestProcess.RunAsync("dotnet",
            ["exec", Path.Combine(AppContext.BaseDirectory, "sparkish.dll"), "secret", "client", "--conf", $"spark.authenticate.secret.file={file}"],
            TimeSpan.FromSeconds(60));
        var key = printed.Single(line => line.StartsWith("client:", StringComparison.Ordinal));

        await using (var sc = Start(cluster.Url, new SparkConf(false).Set("spark.authenticate.secret", key)))
            Assert.That(sc.Parallelize(Enumerable.Range(0, 4), 2).Map(i => i).Reduce((x, y) => x + y), Is.EqualTo(6));
        await using var worker = TestProcess.StartAssembly("sparkish.dll", "worker", cluster.Url, "--work-dir", directory.File("work"),
            "--conf", $"spark.authenticate.secret={key}");
        var refused = await worker.WaitForLineAsync(line => line.Contains("a client key proves only driver", StringComparison.Ordinal), TimeSpan.FromMinutes(1));

        Assert.That(refused, Does.Contain("it claims the role worker"));
    }

    [Test]
    public async Task A_local_cluster_runs_with_secret_and_certificates()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        var conf = authority.Node("node").SetAll(Conf(Secret).Settings);
        await using var sc = Start("local-cluster[2,1,1024]", conf);

        var sums = sc.Parallelize(Enumerable.Range(0, 100), 4).Map(i => (i % 3, i)).ReduceByKey((x, y) => x + y).Collect();

        Assert.That(sums.Order(), Is.EqualTo(new[] { (0, 1683), (1, 1617), (2, 1650) }));
    }

    [Test]
    public void Executors_are_told_of_files_but_of_no_credential()
    {
        var worker = Conf(Secret).Set("spark.ssl.keyStorePassword", "opensesame")
            .Set("spark.ssl.rpc.keyStore", "node.p12").Set("spark.worker.cleanup.enabled", "true")
            .Set("spark.authenticate.secret.file", "secret").Set("spark.plugins.directory", "plugins").Set("spark.akka.conf", "akka.hocon")
            .Set("spark.akka.port", "2552");
        var application = new SparkConf(false).Set("spark.rpc.askTimeout", "5s").Set("spark.serializer.maxDepth", "50")
            .Set("spark.authenticate.secret", Secret).Set("spark.ssl.rpc.keyStore", "mine")
            .Set("spark.plugins.directory", "mine").Set("spark.akka.port", "2553");

        var settings = StartupSettings.OnWorker(StartupSettings.OfApplication(application), worker);

        Assert.That(settings, Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["spark.rpc.askTimeout"] = "5s",
            ["spark.serializer.maxDepth"] = "50",
            ["spark.ssl.rpc.keyStore"] = Path.GetFullPath("node.p12"),
            ["spark.plugins.directory"] = Path.GetFullPath("plugins"),
            ["spark.akka.conf"] = Path.GetFullPath("akka.hocon"),
        }));
        Assert.That(StartupSettings.WithoutCredentials(worker).Keys, Is.EquivalentTo(worker.Settings.Keys
            .Except(["spark.authenticate.secret", "spark.ssl.keyStorePassword"], StringComparer.Ordinal)));
        Assert.That(SecurityKeys.Passwords(worker, name => name == "SPARK_SSL_RPC_TRUST_STORE_PASSWORD" ? "trust" : null),
            Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["spark.ssl.rpc.keyStorePassword"] = "opensesame",
                ["spark.ssl.rpc.trustStorePassword"] = "trust",
            }), "the cluster's secret is not among what executors get");
    }

    private static SparkContext Start(string master, SparkConf conf) =>
        LocalContext.Start(master, [.. conf.Settings.Select(setting => (setting.Key, setting.Value))]);

    private static SparkConf Conf(string secret) => new SparkConf(false).Set("spark.authenticate", "true").Set("spark.authenticate.secret", secret);
}
