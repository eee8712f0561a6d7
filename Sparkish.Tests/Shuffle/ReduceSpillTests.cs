using Sparkish.Serialization;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Shuffle;

internal sealed class ReduceSpillTests
{
    [Test]
    public void A_reduction_that_does_not_fit_into_memory_gives_what_one_in_memory_gives()
    {
        using var sc = LocalContext.Start("local[2]", ("spark.testing.memory", "256k"));
        var words = Enumerable.Range(0, 60_000).Select(i => $"word {i * 7919L % 20_011}").ToArray();

        var counts = sc.Parallelize(words, 3).Map(word => (Key: word, Value: 1)).ReduceByKey((a, b) => a + b, 2).Collect();

        var expected = words.CountBy(word => word, StringComparer.Ordinal).Select(count => (count.Key, count.Value));
        Assert.That(counts.OrderBy(count => count.Key, StringComparer.Ordinal), Is.EqualTo(expected.OrderBy(count => count.Key, StringComparer.Ordinal)));
    }

    [Test]
    public void Values_of_one_key_are_combined_in_their_order_when_they_are_spilled()
    {
        using var sc = LocalContext.Start("local[1]", ("spark.testing.memory", "256k"));
        var pairs = Enumerable.Range(0, 9_000).Select(i => (Key: i % 3_000, Value: $"{i} ")).ToArray();

        var joined = sc.Parallelize(pairs, 1).ReduceByKey((a, b) => a + b, 1).Collect();

        var expected = pairs.GroupBy(pair => pair.Key).Select(group => (group.Key, Value: string.Concat(group.Select(pair => pair.Value))));
        Assert.That(joined.OrderBy(pair => pair.Key), Is.EqualTo(expected.OrderBy(pair => pair.Key)));
    }

    [Test]
    public void The_parts_of_each_level_hold_about_the_same_number_of_keys_of_one_partition()
    {
        var hashes = Enumerable.Range(0, 16_000).Select(i => (uint)i * 200).ToArray();

        using (Assert.EnterMultipleScope())
        {
            for (var level = 0; level < CombinerSpill<int, int>.MaxLevels; level++)
                Assert.That(hashes.CountBy(hash => CombinerSpill<int, int>.PartOf(hash, level)).Select(part => part.Value), Has.All.InRange(700, 1300));
        }
    }

    [Test]
    public void The_size_of_a_map_follows_from_that_of_its_keys_and_values()
    {
        var codec = Codec.For<(string Key, string Value)>();
        using var small = new CombinerMap<string, string>();
        using var large = new CombinerMap<string, string>();
        small.MergeAll([.. Enumerable.Range(0, 100).Select(i => ($"{i}", "x"))], (a, _) => a);
        large.MergeAll([.. Enumerable.Range(0, 100).Select(i => ($"{i}", new string('x', 10_000)))], (a, _) => a);

        var size = new CombinerSize<string, string>(codec, 500_000);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(size.Estimate(small), Is.InRange(100 * 50, 100 * 400));
            Assert.That(size.Estimate(large), Is.InRange(100 * 20_000, 100 * 60_000));
            Assert.That(size.IsFull(small, 100), Is.False);
            Assert.That(size.IsFull(large, 1_000_000), Is.True);
        }
    }

    [Test]
    public void Memory_follows_from_the_limit_of_the_heap_and_the_cores()
    {
        var one = ShuffleMemory.Of(512L << 20, 1);
        var two = ShuffleMemory.Of(512L << 20, 2);

        Assert.That((two.MapSideBytes, two.ReduceSideBytes, two.BufferBytes), Is.EqualTo((one.MapSideBytes / 2, one.ReduceSideBytes / 2, one.BufferBytes / 2)));
    }
}
