using FsCheck;
using FsCheck.Fluent;
using Sparkish.Compute;

namespace Sparkish.Tests.Rdd;

public sealed class RangeBoundsTests
{
    [FsCheck.NUnit.Property]
    public Property Bounds_rise_and_are_fewer_than_ranges()
    {
        return Prop.ForAll(Gen.Choose(0, 50).NonEmptyListOf().ToArbitrary(), Gen.Choose(1, 10).ToArbitrary(), (keys, ranges) =>
        {
            var bounds = RangeBounds.Determine([new KeySample<int>(keys.Count, [.. keys])], ranges);
            return bounds.Length < ranges && bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second);
        });
    }

    [Test]
    public void Even_keys_are_cut_into_even_ranges()
    {
        var sample = new KeySample<int>(1000, [.. Enumerable.Range(0, 1000)]);

        Assert.That(RangeBounds.Determine([sample], 4), Is.EqualTo(new[] { 249, 499, 749 }));
    }

    [Test]
    public void A_partition_with_more_elements_weighs_more()
    {
        var small = new KeySample<int>(10, [.. Enumerable.Range(0, 10)]);
        var large = new KeySample<int>(990, [.. Enumerable.Range(100, 10)]);

        Assert.That(RangeBounds.Determine([small, large], 2), Is.EqualTo(new[] { 104 }).Or.EqualTo(new[] { 105 }));
    }

    [TestCase(true, new[] { 0, 0, 1, 1, 2 })]
    [TestCase(false, new[] { 2, 2, 1, 1, 0 })]
    public void A_key_at_a_bound_goes_to_the_lower_range(bool ascending, int[] expected)
    {
        var partitioner = new RangePartitioner<int>([10, 20], ascending);

        Assert.That(new[] { 5, 10, 11, 20, 21 }.Select(partitioner.GetPartition), Is.EqualTo(expected));
    }

    [Test]
    public void A_sample_is_bounded_and_the_same_for_the_same_seed()
    {
        var first = RangeBounds.Sample(Enumerable.Range(0, 10_000), 100, seed: 7);
        var second = RangeBounds.Sample(Enumerable.Range(0, 10_000), 100, seed: 7);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Count, Is.EqualTo(10_000));
            Assert.That(first.Keys, Has.Length.EqualTo(100));
            Assert.That(first.Keys, Is.EqualTo(second.Keys));
        }
    }
}
