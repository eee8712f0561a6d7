#pragma warning disable CA1051 // fields are what is tested
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;
using Sparkish.Tests.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

public sealed class CollectionPlanTests
{
    private static readonly byte[] Twos = [2, 2, 2, 2];

    [Test]
    public void Comparers_travel()
    {
        var turkish = StringComparer.Create(GraphBuilder.Culture("tr-TR"), CompareOptions.IgnoreCase);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(new Dictionary<int, int> { [1] = 1 }).Comparer, Is.SameAs(EqualityComparer<int>.Default));
            Assert.That(Copy(new Dictionary<string, int>(StringComparer.Ordinal)).Comparer, Is.SameAs(StringComparer.Ordinal));
            Assert.That(Copy(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "A" }).Contains("a"));
            Assert.That(Copy(new SortedSet<string>(StringComparer.InvariantCultureIgnoreCase) { "A" })
                .Comparer, Is.EqualTo(StringComparer.InvariantCultureIgnoreCase));
            Assert.That(Copy(new SortedList<string, int>(turkish) { ["I"] = 1 }).Comparer, Is.EqualTo(turkish));
            Assert.That(Copy(new HashSet<object>(ReferenceEqualityComparer.Instance)).Comparer, Is.SameAs(ReferenceEqualityComparer.Instance));
            Assert.That(Copy(new SortedDictionary<int, int>(Comparer<int>.Create((a, b) => b.CompareTo(a))) { [1] = 1, [2] = 2 }.Keys.ToArray()),
                Is.EqualTo(new[] { 2, 1 }));
            Assert.That(((Modulo)Copy(new HashSet<int>(new Modulo(7)) { 3 }).Comparer).Modulus, Is.EqualTo(7));
            Assert.That(Copy(new HashSet<int>(EqualityComparer<int>.Create((a, b) => a / 2 == b / 2, a => a / 2)) { 4 }).Contains(5));
            Assert.That(Copy(ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase, StringComparer.Ordinal))
                .ValueComparer, Is.SameAs(StringComparer.Ordinal));
            Assert.That(Copy(new[] { "A" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase)).Contains("a"));
        }
    }

    [Test]
    public void Order_is_kept()
    {
        var removed = new Dictionary<int, string> { [1] = "a", [2] = "b", [3] = "c" };
        removed.Remove(1);
        removed.Add(9, "z");
        var queue = new PriorityQueue<string, int>([("a", 1), ("b", 1), ("c", 1), ("d", 0), ("e", 1)]);

        var copy = Copy(queue);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(removed).Keys, Is.EqualTo(removed.Keys));
            Assert.That(Copy(new Stack<int>([1, 2, 3])).Pop(), Is.EqualTo(3));
            Assert.That(Copy(new ConcurrentBag<int>([1, 2, 3])), Is.EqualTo(new[] { 3, 2, 1 }));
            Assert.That(Drained(copy), Is.EqualTo(Drained(queue)));
        }
    }

    [Test]
    public void Classes_that_derive_from_collections_keep_their_fields_and_run_no_override()
    {
        var list = new OwnArrayList { 1, 2 };
        list.IsClosed = true;
        var table = new OwnHashtable { ["a"] = 1 };
        table.IsClosed = true;
        var map = new OwnMap { ["A"] = 1 };
        map.Tag = map;
        var named = new ByName { Prefix = "x" };
        named.Add(new Animal("cat", null));

        var copy = Copy(map);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(list), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(Copy(table)["a"], Is.EqualTo(1));
            Assert.That(copy["a"], Is.EqualTo(1));
            Assert.That(copy.Tag, Is.SameAs(copy));
            Assert.That(Copy(named)["xcat"].Name, Is.EqualTo("cat"));
            Assert.That(Copy(named).Contains("cat"), Is.False);
            Assert.That(Copy(new OwnList { Secret = 5 }).Secret, Is.EqualTo(5));
        }
    }

    [Test]
    public void Frozen_collections_are_frozen_again()
    {
        var map = Copy(new Dictionary<string, int> { ["one"] = 1, ["two"] = 2 }.ToFrozenDictionary());
        var set = Copy(new[] { 5, 7, 1_000_000 }.ToFrozenSet());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(map["two"], Is.EqualTo(2));
            Assert.That(map.GetType(), Is.EqualTo(new Dictionary<string, int> { ["one"] = 1, ["two"] = 2 }.ToFrozenDictionary().GetType()));
            Assert.That(set.SetEquals([5, 7, 1_000_000]));
        }
    }

    [Test]
    public void Views_of_one_array_still_share_it()
    {
        byte[] bytes = [1, 2, 3, 4];
        var (whole, part, segment, memory) =
            Copy((bytes, ImmutableCollectionsMarshal.AsImmutableArray(bytes), new ArraySegment<byte>(bytes, 1, 2), (ReadOnlyMemory<byte>)bytes.AsMemory(2)));

        whole[2] = 77;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(part[2], Is.EqualTo(77));
            Assert.That(segment, Is.EqualTo(new byte[] { 2, 77 }));
            Assert.That(memory.ToArray(), Is.EqualTo(new byte[] { 77, 4 }));
        }
    }

    [Test]
    public void Memory_of_another_owner_is_copied()
    {
        using var owner = new OwnedBytes();

        Assert.That(Copy(owner.Memory).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void What_was_never_set_stays_so()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(default(ImmutableArray<int>)).IsDefault);
            Assert.That(Copy(default(Memory<int>)), Is.EqualTo(default(Memory<int>)));
            Assert.That(Copy(default(ArraySegment<string>)).Array, Is.Null);
            Assert.That(Copy(ImmutableArray<string>.Empty), Is.Empty);
        }
    }

    [Test]
    public void Arrays_keep_their_type_rank_and_lengths()
    {
        object?[] covariant = new string?[] { "a", null };
        var block = new (int, double)[2, 1, 3];
        block[1, 0, 2] = (5, 1.5);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(covariant), Is.TypeOf<string[]>().And.EqualTo(covariant));
            Assert.That(Copy(block)[1, 0, 2], Is.EqualTo((5, 1.5)));
            Assert.That(Copy(new int[0, 5]).GetLength(1), Is.EqualTo(5));
            Assert.That(Copy(new int?[] { null, 1 }), Is.EqualTo(new int?[] { null, 1 }));
            Assert.That(Copy(new int[][][] { [[1], []], [] })[0][0][0], Is.EqualTo(1));
            Assert.That(() => ObjectSerializer.Serialize(Array.CreateInstance(typeof(int), [2], [1])), Throws.TypeOf<SerializationException>());
            Assert.That(() => ObjectSerializer.Serialize(Array.CreateInstance(typeof(int), [2, 2], [0, 1])),
                Throws.TypeOf<SerializationException>().With.Message.Contains("does not start at 0"));
        }
    }

    [Test]
    public void Bits_that_are_no_value_are_refused()
    {
        var bools = ObjectSerializer.Serialize(new[] { true, false });
        bools[^1] = 2;
        var dates = ObjectSerializer.Serialize(new[] { DateTime.MaxValue });
        dates.AsSpan(^8..).Fill(0x3F);
        var money = ObjectSerializer.Serialize(new[] { 1m });
        money.AsSpan(^16..).Fill(0x7F);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Read(bools), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(dates), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(money), Throws.TypeOf<SerializationException>());
        }
    }

    [Test]
    public void What_keeps_more_than_elements_is_refused()
    {
        object[] refused =
        [
            new BlockingCollection<int>(), ImmutableList.CreateBuilder<int>(),
                ImmutableDictionary.CreateBuilder<int, int>(), new[] { 1 }.ToLookup(x => x), new[] { 1 }.GroupBy(x => x),
            new SortedSet<int> { 1, 2, 3 }.GetViewBetween(1, 2), new Dictionary<int, int>()
                .Keys, new LinkedList<int>([1]).First!, new List<int>().GetEnumerator(), ArrayList.Synchronized([]),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach (var value in refused)
            {
                Assert.That(() => ObjectSerializer.Serialize(value), Throws.TypeOf<SerializationException>()
                    .With.Message.Contains("cannot be sent"), $"{value.GetType()}");
            }
        }
    }

    [Test]
    public void An_immutable_collection_in_a_cycle_is_refused()
    {
        var box = new object[1];
        box[0] = ImmutableList.Create((object)box);

        Assert.That(() => ObjectSerializer.Serialize(box[0]), Throws.TypeOf<SerializationException>()
            .With.Message.Contains("is part of a cycle and can be created only after all its parts"));
        Assert.That(() => ObjectSerializer.Serialize(box), Throws.Nothing);
    }

    [Test]
    public void A_collection_may_hold_itself()
    {
        var list = new LinkedList<object>();
        list.AddLast(list);
        var map = new SortedList<string, object>(StringComparer.Ordinal);
        map["self"] = map;
        var set = new HashSet<object>();
        set.Add(set);

        var copy = Copy(set);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Copy(list) is var l && ReferenceEquals(l.First!.Value, l));
            Assert.That(Copy(map) is var m && ReferenceEquals(m["self"], m));
            Assert.That(copy.Contains(copy));
        }
    }

    [Test]
    public void Short_elements_take_no_more_memory_than_the_limit()
    {
        var count = 200_000;
        object[] values =
        [
            new object?[count], new List<object?>(new object?[count]), new Large[2_000], new Queue<object?>(new object?[count]),
                new LinkedList<object?>(new object?[count]), new Stack<Large>(new Large[2_000]),
            Enumerable.Range(0, count).ToHashSet(), ImmutableList.CreateRange(new object?[count]),
                new SortedSet<int>(Enumerable.Range(0, count)), Enumerable.Range(0, count).ToFrozenSet(),
            Enumerable.Range(0, 100_000).Select(_ => new List<int>()).ToArray(), Enumerable.Range(0, 5_000)
                .Select(_ => new ConcurrentDictionary<int, int>()).ToArray(),
        ];
        var context = new SerializationContext { Types = TypeBinder.Application, Limits = new SerializationLimits(MaxDepth: 100, MaxSize: 1 << 20) };

        using (Assert.EnterMultipleScope())
        {
            foreach (var value in values)
            {
                var bytes = ObjectSerializer.Serialize(value);
                Assert.That(Taken(() => ObjectSerializer.Deserialize<object>(bytes, context)),
                    Is.LessThan((1 << 20) + (64L * bytes.Length) + 100_000), $"{value.GetType()}");
                Assert.That(() => Read(bytes), Throws.Nothing);
            }

            Assert.That(() => ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(new Large[2_000]), context),
                Throws.TypeOf<SerializationException>().With.Message.Contains("spark.serializer.maxSize"));
        }
    }

    [Test]
    public void A_key_that_comes_twice_is_an_error()
    {
        var bytes = ObjectSerializer.Serialize(new SortedDictionary<int, byte> { [0x01010101] = 1, [0x02020202] = 2 });
        var set = ObjectSerializer.Serialize(new HashSet<int> { 0x01010101, 0x02020202 });
        bytes.AsSpan(bytes.AsSpan().IndexOf(Twos), 4).Fill(1);
        set.AsSpan(set.AsSpan().IndexOf(Twos), 4).Fill(1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Read(bytes), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read(set), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
                "The input holds a System.Collections.Generic.HashSet`1[System.Int32] with the key '16843009' twice, or with two keys that are equal here."));
        }
    }

    [Test]
    public void A_sorted_list_out_of_order_is_sorted_once()
    {
        var keys = Enumerable.Range(0, 500_000).ToArray();
        var bytes = ObjectSerializer.Serialize(new SortedList<int, bool>(keys.ToDictionary(key => key, key => key == 3)));
        var start = bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes<int>(keys));
        MemoryMarshal.Cast<byte, int>(bytes.AsSpan(start, 4 * keys.Length)).Reverse();

        var copy = (SortedList<int, bool>)Read(bytes)!;

        Assert.That(copy.Keys, Is.EqualTo(keys));
        Assert.That(copy[keys.Length - 1 - 3], Is.True);
    }

    [Test]
    public void A_changed_graph_has_another_shape()
    {
        var shared = new object();
        object[] pairs =
        [
            new object[] { new[] { shared, shared }, new[] { new object(), new object() } },
                new object[] { new List<object> { 1 }, new List<object> { 1L } }, new object[] { "a", "b" },
            new object[] { new HashSet<string>(StringComparer.Ordinal), new HashSet<string>() },
                new object[] { new OwnMap { Tag = 1 }, new OwnMap { Tag = 2 } },
            new object[] { new Derived(1, 2), new Derived(2, 2) },
                new object[] { new[] { 1, 2 }.ToFrozenSet(), new[] { 1, 3 }.ToFrozenSet() }, new object[] { new int[1, 2], new int[2, 1] },
        ];

        Assert.That(pairs.Cast<object[]>().Select(pair => GraphIsomorphism.Difference(pair[0], pair[1])), Has.All.Not.Null);
    }

    private static List<string> Drained(PriorityQueue<string, int> queue)
    {
        var elements = new List<string>();
        while (queue.TryDequeue(out var element, out _)) elements.Add(element);
        return elements;
    }

    private static long Taken(Action act)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            act();
        }
        catch (SerializationException)
        {
            // More than the limit.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static object? Read(byte[] bytes) => ObjectSerializer.Deserialize<object?>(bytes, CodecTests.User);

    private static T Copy<T>(T graph) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(graph), CodecTests.User);

    /// <summary>Takes one byte in the input, if its reference is null, and a kilobyte here.</summary>
    public struct Large
    {
        public object? Any;
        [NonSerialized]
        private Kilobyte _rest;

        public byte First { readonly get => _rest[0]; set => _rest[0] = value; }
    }

    [System.Runtime.CompilerServices.InlineArray(1024)]
    public struct Kilobyte
    {
        private byte _first;
    }

    private sealed class OwnedBytes : System.Buffers.MemoryManager<byte>
    {
        private readonly byte[] _bytes = [1, 2, 3];

        public override Span<byte> GetSpan() => _bytes;

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Nobody pins these.");

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
