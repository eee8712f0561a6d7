using System.Data.Common;
using Sparkish.Serialization.Closures;
using Sparkish.Tests.Docs;

namespace Sparkish.Tests.Serialization;

/// <summary>The code of docs/closures.md, and that it is.</summary>
internal sealed class ClosureGuideTests
{
    [Test]
    public void Each_code_block_of_the_guide_stands_in_this_file()
    {
        var here = Trimmed(File.ReadAllText(GuideText.PathOf("Sparkish.Tests/Serialization/ClosureGuideTests.cs")));

        var blocks = GuideText.CodeBlocks(GuideText.Read("docs/closures.md")).Select(block => Trimmed(block.Code)).ToArray();

        Assert.That(blocks, Has.Length.EqualTo(4));
        Assert.That(blocks.Where(block => !here.Contains(block, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task A_job_may_stand_in_a_class_with_a_connection()
    {
        await using var sc = LocalContext.Start();
        var report = new Report(sc, null!);

        Assert.That(report.Gross([100m, 10m]), Is.EqualTo(new[] { 119m, 11.9m }));
        Assert.That(new LocalReport(sc).Gross([100m]), Is.EqualTo(new[] { 119m }));
    }

    [Test]
    public async Task What_a_function_opens_is_made_once_per_partition()
    {
        await using var sc = LocalContext.Start();
        var names = sc.Parallelize(new[] { "a", "bb" }, 1);

        var lengths = names.MapPartitions(partition =>
        {
            using var cache = new MemoryStream();
            return partition.Select(name => Measure(name, cache)).ToArray();
        });

        Assert.That(lengths.Collect(), Is.EqualTo(new[] { 1L, 3L }));
    }

    [Test]
    public void A_function_explains_what_it_carries()
    {
        var factor = 3;

        var report = ClosureCleaner.Explain((int x) => x * factor);
        Console.WriteLine(string.Join(", ", report.Captured)); // factor: int

        Assert.That(report.Captured.Select(variable => variable.ToString()), Is.EqualTo(new[] { "factor: int" }));
        Assert.That(report.Whole, Is.Null);
    }

    private static long Measure(string name, MemoryStream cache)
    {
        cache.Write(new byte[name.Length]);
        return cache.Length;
    }

    private static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    public sealed class Report(SparkContext sc, DbConnection database)
    {
        private readonly decimal _rate = 1.19m;

        public decimal[] Gross(decimal[] net) => sc.Parallelize(net).Map(price => WithTax(price)).Collect();

        public void Save(string text) => database.ChangeDatabase(text);

        private decimal WithTax(decimal price) => price * _rate;
    }

    private sealed class LocalReport(SparkContext sc)
    {
        private readonly decimal _rate = 1.19m;

        public decimal[] Gross(decimal[] net)
        {
            var rate = _rate;
            return sc.Parallelize(net).Map(price => price * rate).Collect();
        }
    }
}
