using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Akka.Clusters;

/// <summary>A node that dials one of the other env by mistake, and the node that it dials, both name the setting that differs.</summary>
internal sealed class MixedClusterTests
{
    private const string Key = "spark.rpc.factory";
    private static readonly IReadOnlyDictionary<string, string> BuiltIn = new Dictionary<string, string>(StringComparer.Ordinal);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_worker_and_an_application_of_the_other_env_are_refused_and_both_sides_name_the_setting([Values] bool masterIsOnAkka)
    {
        using var work = new TemporaryDirectory();
        var (masters, others) = masterIsOnAkka ? (TestedEnv.Settings, BuiltIn) : (BuiltIn, TestedEnv.Settings);
        await using var master = TestedEnv.Start(masters, "master", "--port", "0");
        var url = StandaloneCluster.UrlIn(await master.WaitForLineAsync(line => line.Contains("Master started at", StringComparison.Ordinal), Limit));

        await using var worker = TestedEnv.Start(others, "worker", url, "--work-dir", work.Path);
        await worker.WaitForLineAsync(line => line.Contains("Cannot reach", StringComparison.Ordinal) && line.Contains(Key, StringComparison.Ordinal), Limit);
        await master.WaitForLineAsync(line => line.Contains(Key, StringComparison.Ordinal), Limit);
        await using var submit = TestedEnv.Start(others, "submit", "--master", url, TestedEnv.Examples, "wordcount");
        var status = await submit.WaitForExitAsync(Limit);

        Assert.That((status, submit.Errors.Count), Is.EqualTo((1, 1)), submit.Transcript);
        Assert.That(submit.Errors[0], Does.StartWith($"wordcount: Cannot reach any master of {url}: ").And.Contain(Key));
    }
}
