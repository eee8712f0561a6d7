using Sparkish.Tests.Security;

namespace Sparkish.Tests.Dag;

/// <summary>Tasks that carry more than they should are told of, once.</summary>
internal sealed class LargeTaskTests
{
    [Test]
    public async Task A_large_capture_is_warned_about_once_with_its_stage_its_size_and_a_remedy()
    {
        using var log = new RecordedLog();
        await using var sc = LocalContext.Start(log);
        var table = new long[200_000];

        var sum = sc.Parallelize(Enumerable.Range(0, 100), 4).Map(x => table[x] + x).Reduce((a, b) => a + b);

        var warning = await log.NextWarningAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sum, Is.EqualTo(4950));
            Assert.That(warning, Does.StartWith("Stage 0 (").And.Contains("captures 1563 KiB").And.Contains("its 4 tasks").And.Contains("in a static field"));
            Assert.That(log.Warnings, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_large_partition_is_warned_about_once_with_its_stage_its_size_and_a_remedy()
    {
        using var log = new RecordedLog();
        await using var sc = LocalContext.Start(log);

        var count = sc.Parallelize(Enumerable.Range(0, 3).Select(_ => new long[200_000]), 3).Count();

        var warning = await log.NextWarningAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(count, Is.EqualTo(3));
            Assert.That(warning, Does.StartWith("Stage 0 (").And.Contains("partition of 1562 KiB").And.Contains("Use more partitions"));
            Assert.That(log.Warnings, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Small_tasks_are_not_warned_about()
    {
        using var log = new RecordedLog();
        await using var sc = LocalContext.Start(log);
        var table = new long[100_000];

        var sum = sc.Parallelize(Enumerable.Range(0, 100), 4).Map(x => table[x] + x).Reduce((a, b) => a + b);

        Assert.That((sum, log.Warnings), Is.EqualTo((4950L, 0)));
    }
}
