using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Tests.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>Attacks on hash codes: keys that collide, keys whose hash codes never end, and those that only look like such.</summary>
public sealed class HashFloodingTests
{
    private const int Many = 100_000;

    [Test]
    public void Honest_keys_take_about_half_a_comparison_each()
    {
        var random = new Random(1);
        var longs = Enumerable.Range(0, Many).Select(i => (long)i << 7).ToArray();
        var ids = Enumerable.Range(0, Many).Select(_ => new Guid(random.Next(), 0, 0, new byte[8])).ToArray();
        var capacity = new Dictionary<long, int>(Many).Capacity;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(HashFlooding.Check<long>(longs, null, capacity), Is.LessThan(3 * Many));
            Assert.That(HashFlooding.Check<Guid>(ids, null, capacity), Is.LessThan(3 * Many));
            Assert.That(HashFlooding.Check<int>([.. Enumerable.Range(0, Many)], null, 0), Is.Zero);
        }
    }

    [Test]
    public void Few_keys_are_not_looked_at() => Assert.That(HashFlooding.Check<long>(Colliding(999), null, 0), Is.Zero);

    [Test]
    public void Keys_of_equal_hash_codes_are_refused_before_a_table_is_filled()
    {
        Assert.That(() => HashFlooding.Check<long>(Colliding(Many), null, 0), Throws.TypeOf<SerializationException>().With.Message.StartsWith(
            "The input holds 100000 keys of System.Int64, so many with equal hash codes that a table of them takes"));
        Assert.That(() => HashFlooding.Check<int>([.. Enumerable.Range(0, 20_000)], new Modulo(1), 0), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Keys_that_share_a_bucket_of_the_table_are_refused()
    {
        var capacity = new Dictionary<int, int>(15_000).Capacity;
        var keys = Enumerable.Range(0, 15_000).Select(i => i * capacity).ToArray();

        Assert.That(() => HashFlooding.Check<int>(keys, null, capacity), Throws.TypeOf<SerializationException>());
        Assert.That(HashFlooding.Check<int>(keys, null, capacity: 0), Is.Zero);
    }

    [Test]
    public void Some_buckets_of_many_keys_among_honest_ones_are_seen()
    {
        var keys = Enumerable.Range(0, Many).Select(i => (long)i << 20).ToArray();
        Colliding(20_000).CopyTo(keys, 40_000);

        Assert.That(() => HashFlooding.Check<long>(keys, null, new Dictionary<long, int>(Many).Capacity), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Every_hashed_collection_refuses_a_flood()
    {
        var keys = Enumerable.Range(0, Many).Select(i => i + 0x1234_5678_9ABCL).ToArray();
        object[] honest =
        [
            new HashSet<long>(keys), keys.ToDictionary(key => key, _ => true),
                new ConcurrentDictionary<long, bool>(keys.Select(key => KeyValuePair.Create(key, true))),
            new OrderedDictionary<long, bool>(keys.Select(key => KeyValuePair.Create(key, true))),
                keys.ToImmutableHashSet(), keys.ToImmutableDictionary(key => key, _ => true),
            keys.ToFrozenSet(), keys.ToFrozenDictionary(key => key, _ => true),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach (var collection in honest)
            {
                var bytes = ObjectSerializer.Serialize(collection);
                System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(Colliding(Many)).CopyTo(bytes.AsSpan(StartOfKeys(bytes, Many)));
                Assert.That(() => Read(bytes), Throws.TypeOf<SerializationException>().With.Message.Contains("equal hash codes"), $"{collection.GetType()}");
            }
        }
    }

    [Test]
    public void Codecs_of_hashed_collections_refuse_a_flood()
    {
        var keys = Enumerable.Range(0, Many).Select(i => i + 0x1234_5678_9ABCL).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ReadFlooded(keys.ToHashSet(), 8), Throws.TypeOf<SerializationException>().With.Message.Contains("equal hash codes"));
            Assert.That(() => ReadFlooded(keys.ToFrozenSet(), 8), Throws.TypeOf<SerializationException>().With.Message.Contains("equal hash codes"));
            Assert.That(() => ReadFlooded(keys.ToDictionary(key => key, key => key), 16), Throws.TypeOf<SerializationException>()
                .With.Message.Contains("equal hash codes"));
            Assert.That(() => ReadFlooded(keys.ToImmutableDictionary(key => key, key => key), 16),
                Throws.TypeOf<SerializationException>().With.Message.Contains("equal hash codes"));
            Assert.That(CodecTests.Copy(keys.ToDictionary(key => key, key => key)), Has.Count.EqualTo(Many));
        }
    }

    private static void ReadFlooded<T>(T collection, int stride)
    {
        var bytes = CodecTests.Bytes(collection);
        var colliding = Colliding(Many);
        for (var i = 0; i < Many; i++) BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - ((Many - i) * stride)), colliding[i]);
        CodecTests.Read<T>(bytes, CodecTests.User);
    }

    [Test]
    public void Many_tables_that_flood_a_little_add_up()
    {
        var keys = Enumerable.Range(0, 10_000).Select(i => i + 0x1234_5678_9ABCL).ToArray();
        var bytes = ObjectSerializer.Serialize(Enumerable.Range(0, 10).Select(_ => new HashSet<long>(keys)).ToArray());
        for (var i = 0; i < 10; i++)
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>(Colliding(10_000)).CopyTo(bytes.AsSpan(StartOfKeys(bytes, 10_000)));

        Assert.That(() => Read(bytes), Throws.TypeOf<SerializationException>().With.Message.Contains("comparisons to fill"));
    }

    [Test]
    public void Sets_nested_in_sets_hash_by_reference_and_cost_nothing()
    {
        var (left, right) = (new HashSet<object>(), new HashSet<object>());
        var root = new HashSet<object> { left, right };
        for (var i = 0; i < 100; i++)
        {
            var (nextLeft, nextRight) = (new HashSet<object>(), new HashSet<object> { "x" });
            left.UnionWith([nextLeft, nextRight]);
            right.UnionWith([nextLeft, nextRight]);
            (left, right) = (nextLeft, nextRight);
        }

        var copy = Read(ObjectSerializer.Serialize(root));

        Assert.That(GraphIsomorphism.Difference(root, copy), Is.Null);
    }

    [Test]
    public void A_billion_laughs_are_a_hundred_references()
    {
        var laughs = new List<object> { "lol" };
        for (var i = 0; i < 9; i++) laughs = [.. Enumerable.Repeat<object>(laughs, 10)];

        var bytes = ObjectSerializer.Serialize(laughs);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var copy = Read(bytes);
        var taken = GC.GetAllocatedBytesForCurrentThread() - before;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(bytes, Has.Length.LessThan(500));
            Assert.That(taken, Is.LessThan(100_000));
            Assert.That(GraphIsomorphism.Difference(laughs, copy), Is.Null);
        }
    }

    [Test]
    public void A_key_whose_hash_code_visits_a_billion_parts_is_refused()
    {
        var tree = new Tree(null, null);
        for (var i = 0; i < 30; i++) tree = new Tree(tree, tree);

        Assert.That(() => Read(AsSet([tree])), Throws.TypeOf<SerializationException>().With.Message.Contains("use a key of fewer parts"));
    }

    [Test]
    public void Keys_that_together_visit_a_billion_parts_are_refused()
    {
        var tree = new Tree(null, null);
        for (var i = 0; i < 16; i++) tree = new Tree(tree, tree);

        Assert.That(() => Read(AsSet([.. Enumerable.Range(0, 5_000).Select(i => new Tree(tree, null) { Number = i })])), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("use a key of fewer parts"));
    }

    [Test]
    public void A_key_that_nests_deeper_than_the_stack_is_refused()
    {
        var trees = new Tree[100_000];
        for (var i = 0; i < trees.Length; i++) trees[i] = new Tree(i == 0 ? null : trees[i - 1], null);

        Assert.That(() => Read(AsSet([.. trees])), Throws.TypeOf<SerializationException>().With.Message.Contains("use a key of fewer parts"));
    }

    [Test]
    public void Comparers_that_look_into_arrays_are_refused()
    {
        var table = new System.Collections.Hashtable(System.Collections.StructuralComparisons.StructuralEqualityComparer);

        Assert.That(() => ObjectSerializer.Serialize(table), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("StructuralEqualityComparer cannot be sent"));
    }

    [Test]
    public void A_record_that_holds_itself_is_no_key()
    {
        var loop = new Tree(null, null);
        loop.Left = new Tree(loop, null);

        Assert.That(() => Read(AsSet([loop])), Throws.TypeOf<SerializationException>().With.Message.Contains("a key that is a part of itself"));
        Assert.That(() => Read(ObjectSerializer.Serialize(new object[] { loop })), Throws.Nothing);
    }

    [Test]
    public void Records_with_shared_parts_are_keys()
    {
        var shared = new Tree(new Tree(null, null), null);
        var keys = Enumerable.Range(0, 100).Select(i => new Tree(shared, null) { Number = i }).ToArray();

        var copy = (HashSet<Tree>)Read(ObjectSerializer.Serialize(new HashSet<Tree>(keys)))!;

        Assert.That(copy.SetEquals(keys));
    }

    [Test]
    public void A_key_that_is_not_complete_yet_is_found_when_all_is_read()
    {
        var first = new Vertex("first");
        var second = new Vertex("second");
        first.Weights = new Dictionary<Vertex, int> { [second] = 1, [first] = 2 };
        second.Weights = first.Weights;
        second.Seen.Add(first);

        var copy = (Vertex)Read(ObjectSerializer.Serialize(first))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(copy.Weights![copy], Is.EqualTo(2));
            Assert.That(copy.Weights[new Vertex("second")], Is.EqualTo(1));
            Assert.That(copy.Weights.Keys.First().Seen, Does.Contain(copy));
        }
    }

    [Test]
    public void A_key_that_waits_holds_up_no_immutable_collection()
    {
        var vertex = new Vertex("v");
        vertex.Weights = new Dictionary<Vertex, int> { [vertex] = 1 };
        object[] graph = [vertex, ImmutableSortedSet.Create(2, 1),
            ImmutableDictionary<(string, int), int>.Empty.Add(("a", 1), 2), new SortedSet<string> { "b", "a" }];

        var copy = (object[])Read(ObjectSerializer.Serialize(graph))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(copy[1], Is.EqualTo(new[] { 1, 2 }));
            Assert.That(((ImmutableDictionary<(string, int), int>)copy[2])[("a", 1)], Is.EqualTo(2));
            Assert.That(copy[3], Is.EqualTo(new[] { "a", "b" }));
        }
    }

    [Test]
    public void A_collection_that_cannot_wait_for_its_keys_is_refused()
    {
        var vertex = new Vertex("v");
        vertex.Any = ImmutableHashSet.Create(vertex);

        Assert.That(() => Read(ObjectSerializer.Serialize(vertex)), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("is part of a cycle through its keys"));
    }

    private static long[] Colliding(int count) => [.. Enumerable.Range(1, count).Select(i => ((long)i << 32) | (uint)i)];

    // Where the block of keys is: it holds those that were counted up, in whatever order.
    private static int StartOfKeys(byte[] bytes, int count)
    {
        for (var start = 0; start + (8 * count) <= bytes.Length; start++)
        {
            if (IsKey(start) && IsKey(start + 8) && IsKey(start + (8 * (count - 1)))) return start;
        }

        throw new AssertionException("The keys were not found.");

        bool IsKey(int at) => BitConverter.ToInt64(bytes, at) - 0x1234_5678_9ABCL is >= 0 and < Many;
    }

    // The bytes of a set that nobody could fill: those of a list, behind the beginning of a set.
    private static byte[] AsSet(List<Tree> elements)
    {
        var empty = ObjectSerializer.Serialize(new HashSet<Tree>());
        var start = ObjectSerializer.Serialize(new List<Tree>()).Length - 1;
        var list = ObjectSerializer.Serialize(elements);
        var countLength = elements.Count < 0x80 ? 1 : elements.Count < 0x4000 ? 2 : 3;
        return [.. empty[..^2], .. list[start..(start + countLength)], 0, .. list[(start + countLength)..]];
    }

    private static object? Read(byte[] bytes) => ObjectSerializer.Deserialize<object?>(bytes, CodecTests.User);

    public sealed record Tree(Tree? Left, Tree? Right)
    {
        public Tree? Left { get; set; } = Left;

        public int Number { get; init; }
    }

    public sealed class Vertex(string name)
    {
        public string Name { get; } = name;

        public Dictionary<Vertex, int>? Weights { get; set; }

        public HashSet<Vertex> Seen { get; } = [];

        public object? Any { get; set; }

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

        public override bool Equals(object? obj) => obj is Vertex other && string.Equals(Name, other.Name, StringComparison.Ordinal);
    }
}
