namespace Sparkish.Tests.Shuffle;

/// <summary>What a job does when the files of an earlier one are not as they were written.</summary>
[TestFixture("local[2]")]
[TestFixture("local-cluster[2,1,1024]")]
public sealed class ShuffleRecoveryTests(string master)
{
    [Test]
    public async Task Corrupt_outputs_are_noticed_and_made_anew()
    {
        await CountAgainAfterAsync(file =>
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 0x01;
            File.WriteAllBytes(file, bytes);
        });
    }

    [Test]
    public async Task Outputs_cut_short_are_noticed_and_made_anew()
    {
        await CountAgainAfterAsync(file =>
        {
            using var data = File.OpenWrite(file);
            data.SetLength(data.Length / 2);
        });
    }

    [Test]
    public async Task Outputs_that_are_gone_are_made_anew() => await CountAgainAfterAsync(File.Delete);

    private async Task CountAgainAfterAsync(Action<string> harm)
    {
        using var directory = new TemporaryDirectory();
        await using var sc = LocalContext.Start(master, ("spark.local.dir", directory.Path));
        var counts = sc.Parallelize(Enumerable.Range(0, 10_000), 4).Map(x => (Key: $"key{x % 100}", Value: 1)).ReduceByKey((a, b) => a + b);
        var before = counts.Collect();
        var outputs = Directory.GetFiles(directory.Path, "*.data", SearchOption.AllDirectories);

        foreach (var output in outputs.Take(3)) harm(output);
        var after = counts.Collect();

        Assert.That(outputs, Has.Length.EqualTo(4));
        Assert.That(after.Order(), Is.EqualTo(before.Order()));
        Assert.That(after.Select(count => count.Value), Is.All.EqualTo(100));
    }
}
