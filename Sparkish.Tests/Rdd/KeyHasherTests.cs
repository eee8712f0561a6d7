using Sparkish.Compute;

namespace Sparkish.Tests.Rdd;

public sealed class KeyHasherTests
{
    private enum Color
    {
        Red,
        Green,
    }

    // The figures are part of the contract: they must be the same in every process and on every machine.
    [Test]
    public void Hashes_are_the_same_in_every_process()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(KeyHasher<string>.Default.Hash("word"), Is.EqualTo(Expected.Word));
            Assert.That(KeyHasher<int>.Default.Hash(42), Is.EqualTo(Expected.FortyTwo));
            Assert.That(KeyHasher<(string, int)>.Default.Hash(("word", 42)), Is.EqualTo(Expected.Pair));
            Assert.That(KeyHasher<Name>.Default.Hash(new Name("Ada", "Lovelace")), Is.EqualTo(Expected.Record));
        }
    }

    [Test]
    public void Equal_keys_have_equal_hashes()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(KeyHasher<double>.Default.Hash(-0.0), Is.EqualTo(KeyHasher<double>.Default.Hash(0.0)));
            Assert.That(KeyHasher<decimal>.Default.Hash(1.0m), Is.EqualTo(KeyHasher<decimal>.Default.Hash(1.00m)));
            Assert.That(KeyHasher<Color>.Default.Hash(Color.Green), Is.EqualTo(KeyHasher<int>.Default.Hash(1)));
        }
    }

    [Test]
    public void Texts_spread_over_partitions()
    {
        var partitioner = new HashPartitioner<string>(16);

        var sizes = Enumerable.Range(0, 16_000).GroupBy(i => partitioner.GetPartition($"word{i}")).Select(group => group.Count()).ToArray();

        Assert.That(sizes, Has.Length.EqualTo(16).And.All.InRange(800, 1200));
    }

    [Test]
    public void Arrays_cannot_be_keys()
    {
        Assert.That(() => KeyHasher<int[]>.Default, Throws.TypeOf<TypeInitializationException>().With.InnerException.Message.Contains("cannot be a key"));
    }

    private static class Expected
    {
        public const uint Word = 3137341316;
        public const uint FortyTwo = 142593372;
        public const uint Pair = 2609029834;
        public const uint Record = 971170142;
    }

    private sealed record Name(string First, string Last);
}
