using System.Collections.Frozen;
using System.Collections.Immutable;
using Sparkish.Serialization;

namespace Sparkish.Tests.Serialization;

public sealed class CollectionCodecTests
{
    private static readonly string[] Words = ["b", "A", "c", "a"];

    [FsCheck.NUnit.Property]
    public bool Collections_of_elements_come_back(string[] elements, int[] numbers) =>
        Same<HashSet<string>, string>([.. elements]) && Same<SortedSet<int>, int>([.. numbers]) && Same<Queue<string>, string>(new(elements))
        && Same<Stack<int>, int>(new(numbers)) && Same<LinkedList<string>, string>(new(elements)) && Same<ImmutableArray<int>, int>([.. numbers])
        && Same<ImmutableList<string>, string>([.. elements]) && Same<ImmutableSortedSet<int>, int>([.. numbers])
        && CodecTests.Copy(numbers.ToImmutableHashSet())!.SetEquals(numbers) && CodecTests.Copy(elements.ToFrozenSet())!.SetEquals(elements)
        && Same<ArraySegment<int>, int>(numbers) && CodecTests.Copy<Memory<int>>(numbers).Span.SequenceEqual(numbers)
        && CodecTests.Copy<ReadOnlyMemory<string>>(elements).Span.SequenceEqual(elements)
            && CodecTests.Copy<ISet<int>>(numbers.ToHashSet())!.SetEquals(numbers);

    [FsCheck.NUnit.Property]
    public bool Maps_come_back(Dictionary<int, string?> map) =>
        Same<SortedDictionary<int, string?>, KeyValuePair<int, string?>>(new(map)) && Same<SortedList<int, string?>, KeyValuePair<int, string?>>(new(map))
        && Same<ImmutableSortedDictionary<int, string?>, KeyValuePair<int, string?>>(map.ToImmutableSortedDictionary())
        && CodecTests.Copy(map.ToFrozenDictionary())!.Order(ByKey).SequenceEqual(map.Order(ByKey))
        && CodecTests.Copy(map.ToImmutableDictionary())!.Order(ByKey).SequenceEqual(map.Order(ByKey));

    [Test]
    public void Arrays_of_several_dimensions_come_back()
    {
        var numbers = new[,] { { 1, 2, 3 }, { 4, 5, 6 } };
        var texts = new string?[2, 1, 2] { { { "a", null } }, { { "b", "" } } };

        Assert.That(CodecTests.Copy(numbers), Is.EqualTo(numbers));
        Assert.That(CodecTests.Copy(texts), Is.EqualTo(texts));
        Assert.That(CodecTests.Copy<int[,]?>(null), Is.Null);
        Assert.That(CodecTests.Copy(new int[0, 5])!.GetLength(1), Is.EqualTo(5));
    }

    [Test]
    public void Null_and_empty_stay_apart_in_all_of_them()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CodecTests.Copy<HashSet<int>?>(null), Is.Null);
            Assert.That(CodecTests.Copy(new HashSet<int>()), Is.Empty);
            Assert.That(CodecTests.Copy<FrozenDictionary<string, int>?>(null), Is.Null);
            Assert.That(CodecTests.Copy(FrozenDictionary<string, int>.Empty), Is.Empty);
            Assert.That(CodecTests.Copy(default(ImmutableArray<int>)).IsDefault);
            Assert.That(CodecTests.Copy(ImmutableArray<int>.Empty).IsEmpty);
            Assert.That(CodecTests.Copy(default(ArraySegment<int>)).Array, Is.Null);
            Assert.That(CodecTests.Copy(new ArraySegment<int>([])).Array, Is.Empty);
        }
    }

    [Test]
    public void Known_comparers_are_kept()
    {
        var ignoring = StringComparer.OrdinalIgnoreCase;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(CodecTests.Copy(new HashSet<string>(Words, ignoring))!.Contains("C"));
            Assert.That(CodecTests.Copy(Words.ToFrozenSet(ignoring))!.Contains("C"));
            Assert.That(CodecTests.Copy(Words.ToImmutableHashSet(ignoring))!.Contains("C"));
            Assert.That(CodecTests.Copy(new SortedSet<string>(Words, StringComparer.Ordinal)), Is.EqualTo(new[] { "A", "a", "b", "c" }));
            Assert.That(CodecTests.Copy(new SortedDictionary<string, int>(ignoring) { ["Key"] = 1 })!["kEY"], Is.EqualTo(1));
        }
    }

    [Test]
    public void What_would_be_lost_is_refused()
    {
        var reversed = Comparer<int>.Create((left, right) => right.CompareTo(left));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => CodecTests.Bytes(new SortedSet<int>(reversed)), Refused("comparer"));
            Assert.That(() => CodecTests.Bytes(new Dictionary<string, int>(StringComparer.InvariantCultureIgnoreCase)), Refused("comparer"));
            Assert.That(() => CodecTests.Bytes<List<int>>(new Measured()), Refused("has no fixed schema"));
            Assert.That(() => CodecTests.Bytes(new Dictionary<int, SortedSet<int>> { [1] = new(reversed) }), Refused("comparer"));
        }
    }

    [Test]
    public void Elements_that_are_there_twice_are_an_error()
    {
        byte[] set = [3, 0, 7, 0, 0, 0, 7, 0, 0, 0];
        byte[] map = [3, 0, 7, 0, 0, 0, 1, 7, 0, 0, 0, 2];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => CodecTests.Read<HashSet<int>>(set, null), Refused("twice"));
            Assert.That(() => CodecTests.Read<FrozenSet<int>>(set, null), Refused("twice"));
            Assert.That(() => CodecTests.Read<Dictionary<int, byte>>(map, null), Refused("twice"));
            Assert.That(() => CodecTests.Read<FrozenDictionary<int, byte>>(map, null), Refused(""));
            Assert.That(() => CodecTests.Read<SortedDictionary<int, byte>>(map, null), Refused(""));
        }
    }

    [Test]
    public void A_few_bytes_cannot_ask_for_much_memory()
    {
        var limits = new SerializationContext { Limits = new SerializationLimits(100, 1 << 20) };
        byte[] many = [0x81, 0x80, 0x80, 0x04, .. new byte[9_000_000]];
        byte[] square = [1, 0xFF, 0xFF, 0x03, 0xFF, 0xFF, 0x03];

        Assert.That(() => CodecTests.Read<string[]>(many, limits), Refused("memory"));
        Assert.That(() => CodecTests.Read<List<int?>>(many, limits), Refused("memory"));
        Assert.That(() => CodecTests.Read<byte[,]>(square, limits), Refused(""));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refused(string text) => Throws.TypeOf<SerializationException>().With.Message.Contains(text);

    private static bool Same<TCollection, T>(TCollection collection) where TCollection : IEnumerable<T> =>
        CodecTests.Copy(collection)!.SequenceEqual(collection);

    private static readonly Comparer<KeyValuePair<int, string?>> ByKey =
        Comparer<KeyValuePair<int, string?>>.Create((left, right) => left.Key.CompareTo(right.Key));

    private sealed class Measured : List<int>
    {
        public int Measure { get; set; }
    }
}
