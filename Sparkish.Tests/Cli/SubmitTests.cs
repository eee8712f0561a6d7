using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Cli;

/// <summary>The examples on a cluster of processes, through <c>sparkish submit</c>.</summary>
internal sealed class SubmitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task A_submitted_word_count_writes_what_counting_in_one_place_gives()
    {
        using var directory = new TemporaryDirectory();
        var lines = Enumerable.Range(0, 5_000).Select(i => $"word{i % 700}  {(i % 3 == 0 ? "three" : "other")} {i}").ToArray();
        var input = directory.Write("input.txt", string.Join('\n', lines));
        var counts = lines.SelectMany(line => line.Split(' ')).Where(word => word.Length > 0).CountBy(word => word, StringComparer.Ordinal).ToArray();
        await using var cluster = await StandaloneCluster.StartAsync(workers: 2);
        await using var submit = Submit(cluster, "--name", "words", "--executor-cores", "1", "--total-executor-cores", "2", "--executor-memory", "512m",
            TestedEnv.Examples, "wordcount", input, "--partitions", "4", "--output", directory.File("out"));

        var status = await submit.WaitForExitAsync(Limit);

        var written = Directory.GetFiles(directory.File("out"), "part-*").Order(StringComparer.Ordinal).SelectMany(File.ReadLines);
        Assert.That(status, Is.Zero, submit.Transcript);
        Assert.That(submit.Output[^1], Is.EqualTo($"words={counts.Sum(count => count.Value)} distinct={counts.Length}"));
        Assert.That(written, Is.EqualTo(counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key}\t{count.Value}")));
    }

    [Test]
    public async Task A_submitted_application_that_fails_prints_the_lambdas_stack_once()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);
        await using var submit = Submit(cluster, TestedEnv.Examples, "boom");

        var status = await submit.WaitForExitAsync(Limit);

        Assert.That(status, Is.EqualTo(1));
        Assert.That(submit.Errors.Count(line => line.StartsWith("   at Sparkish.Examples.Boom.", StringComparison.Ordinal)), Is.EqualTo(1), submit.Transcript);
    }

    [Test]
    public async Task A_master_that_is_not_there_is_told_of_in_one_line()
    {
        await using var submit = TestedEnv.Start("submit", "--master", "spark://127.0.0.1:1", TestedEnv.Examples, "wordcount");

        var status = await submit.WaitForExitAsync(Limit);

        Assert.That((status, submit.Output.Count, submit.Errors.Count), Is.EqualTo((1, 0, 1)), submit.Transcript);
        Assert.That(submit.Errors[0], Does.StartWith("wordcount: Cannot reach any master of spark://127.0.0.1:1: ")
            .And.EndWith("Start one with 'sparkish master', or check host and port."));
    }

    private static TestProcess Submit(StandaloneCluster cluster, params string[] arguments) =>
        TestedEnv.Start("submit", ["--master", cluster.Url, .. arguments]);
}
