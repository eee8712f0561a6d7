using Sparkish.Tests.Processes;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>The secret of a running cluster is changed.</summary>
public sealed class SecretRotationTests
{
    private const string Old = "correct horse battery staple";
    private const string New = "a newer one, which is as long";

    [Test, Long]
    public async Task A_running_cluster_takes_both_secrets_while_one_is_changed_and_then_the_new_one_alone()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", Old);
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, "--conf", $"spark.authenticate.secret.file={file}");

        Assert.That(Run(cluster, Old), Is.EqualTo(6));
        Change(file, $"{New}\n{Old}\n");
        Assert.That((Run(cluster, Old), Run(cluster, New)), Is.EqualTo((6, 6)));
        Change(file, New);
        Assert.That(Run(cluster, New), Is.EqualTo(6));
        Assert.That(() => Run(cluster, Old), Throws.TypeOf<SparkException>().With.Message.Contains("spark.authenticate.secret differ"));
    }

    [Test]
    public async Task A_secret_file_that_is_spoilt_leaves_the_secret_as_it_is_and_says_so()
    {
        using var log = new RecordedLog();
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", Old);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var conf = new SparkConf(false).Set("spark.authenticate.secret.file", file);
        await using var server = Envs.New(Envs.Options("server", conf) with { LoggerFactory = log });
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        await using var client = Envs.New("client", AuthenticationTests.Conf(Old));

        Change(file, "short");
        var answer = await there.From(client).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);

        Assert.That(answer, Is.EqualTo(1));
        Assert.That(await log.NextWarningAsync(), Does.Contain("but the previous one stays in use").And.Not.Contain("short\""));
    }

    private static int Run(StandaloneCluster cluster, string secret)
    {
        using var sc = LocalContext.Start(cluster.Url, ("spark.authenticate.secret", secret));
        return sc.Parallelize(Enumerable.Range(0, 4), 2).Map(i => i).Reduce((x, y) => x + y);
    }

    /// <summary>Puts another file in the place of one, as an administrator would: it is never there in parts.</summary>
    private static void Change(string file, string content)
    {
        var next = file + ".next";
        File.WriteAllText(next, content);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(next, file, overwrite: true);
    }
}
