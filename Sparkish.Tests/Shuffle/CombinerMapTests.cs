using FsCheck;
using FsCheck.Fluent;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Shuffle;

public sealed class CombinerMapTests
{
    [FsCheck.NUnit.Property]
    public Property It_combines_like_a_dictionary_in_the_order_of_first_keys()
    {
        return Prop.ForAll(Gen.Choose(0, 2_000).ArrayOf(3_000).ToArbitrary(), keys =>
        {
            using var map = new CombinerMap<int, int>();
            map.MergeAll([.. keys.Select(key => (key, 1))], (a, b) => a + b);
            var actual = new (int, int)[map.Count];
            var copied = map.CopyTo(0, actual);
            return copied == map.Count && actual.SequenceEqual(keys.GroupBy(key => key).Select(group => (group.Key, group.Count())));
        });
    }

    [Test]
    public void Keys_with_the_same_hash_are_told_apart()
    {
        using var map = new CombinerMap<SameHash, int>();

        map.MergeAll([(new SameHash(1), 1), (new SameHash(2), 10), (new SameHash(1), 100)], (a, b) => a + b);

        var pairs = new (SameHash Key, int Value)[2];
        map.CopyTo(0, pairs);
        Assert.That(pairs, Is.EqualTo(new[] { (new SameHash(1), 101), (new SameHash(2), 10) }));
    }

    private sealed class SameHash(int value) : IEquatable<SameHash>, IStableHashCode
    {
        private readonly int _value = value;

        public bool Equals(SameHash? other) => other?._value == _value;

        public override bool Equals(object? obj) => Equals(obj as SameHash);

        public override int GetHashCode() => 0;

        public int GetStableHashCode() => 0;
    }
}
