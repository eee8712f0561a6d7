using System.Globalization;
using System.Numerics;
using System.Reflection;
using Sparkish.Compute;
using Sparkish.Keys;
using Sample = Sparkish.Tests.FSharp.Keys;

namespace Sparkish.Tests.Keys;

public sealed class KeyHasherTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTime Day = new(2026, 1, 1);

    private static IEnumerable<TestCaseData> EqualKeys =>
    [
        Keys("decimals of another scale", 1.0m, 1.00m),
        Keys<decimal?>("nullable decimals", 1.0m, 1.00m),
        Keys("signs of zero", 0.0, -0.0),
        Keys("signs of zero in floats", 0f, -0f),
        Keys("signs of zero in halves", (Half)0.0, (Half)(-0.0)),
        Keys("bits of NaN", double.NaN, BitConverter.Int64BitsToDouble(unchecked((long)0xFFF8_0000_0000_0001))),
        Keys("bits of NaN in halves", Half.NaN, BitConverter.UInt16BitsToHalf(0x7E01)),
        Keys("complex numbers", new Complex(0.0, 1), new Complex(-0.0, 1)),
        Keys("vectors", new Vector3(0f, 1, 2), new Vector3(-0f, 1, 2)),
        Keys("kinds of dates", Day, DateTime.SpecifyKind(Day, DateTimeKind.Utc)),
        Keys<DateTime?>("kinds of nullable dates", Day, DateTime.SpecifyKind(Day, DateTimeKind.Local)),
        Keys("offsets", Noon, Noon.ToOffset(TimeSpan.FromHours(5))),
        Keys("tuples of one", ValueTuple.Create(1.0m), ValueTuple.Create(1.00m)),
        Keys("tuples of four", (1, "a", Noon, 1.0m), (1, "a", Noon.ToOffset(TimeSpan.FromHours(1)), 1.00m)),
        Keys("tuples of nine", (1, 2, 3, 4, 5, 6, 7, 8, 1.0m), (1, 2, 3, 4, 5, 6, 7, 8, 1.00m)),
        Keys("tuples with one text twice", Tuple.Create("ab", string.Concat("a", "b")), TwiceTheSame("ab")),
        Keys("long tuples of objects", Tuple.Create(1, 2, 3, 4, 5, 6, 7, 0.0), Tuple.Create(1, 2, 3, 4, 5, 6, 7, -0.0)),
        Keys("pairs", KeyValuePair.Create("a", 0.0), KeyValuePair.Create("a", -0.0)),
        Keys("records", new Price("a", 1.0m), new Price("a", 1.00m)),
        Keys("records of records", new Order(new Price("a", 1.0m), Noon), new Order(new Price("a", 1.00m), Noon.ToOffset(TimeSpan.FromHours(-3)))),
        Keys("record structs", new Point(0.0, 0.0), new Point(-0.0, -0.0)),
        Keys<Shape>("derived records", new Circle("c", 0.0), new Circle("c", -0.0)),
        Keys<Animal>("records of a class that is not sealed", new Dog("d", 1.0m), new Dog("d", 1.00m)),
        Keys("records in themselves", new Chain(1.0m, new Chain(2.0m, null)), new Chain(1.00m, new Chain(2.00m, null))),
        Keys("structs", new Plain { Amount = 1.0m, Name = "a" }, new Plain { Amount = 1.00m, Name = "a" }),
        Keys("anonymous types", new { D = 0.0, T = Day }, new { D = -0.0, T = DateTime.SpecifyKind(Day, DateTimeKind.Utc) }),
        Keys("addresses", new Uri("http://EXAMPLE.com/a#x"), new Uri("http://example.com:80/a")),
        Keys("relative addresses", new Uri("a/b", UriKind.Relative), new Uri("a/b", UriKind.Relative)),
        Keys("great numbers", new BigInteger(5), BigInteger.Parse("0005", CultureInfo.InvariantCulture)),
        Keys("wide numbers", (Int128)5, Int128.Parse("05", CultureInfo.InvariantCulture)),
        Keys("versions", new Version(1, 2), Version.Parse("1.2")),
        Keys("a stable hash of its own", new AnyCase("a"), new AnyCase("A")),
        Keys("a stable hash of its own in a record", new Pair<int, AnyCase>(1, new AnyCase("a")), new Pair<int, AnyCase>(1, new AnyCase("A"))),
        .. Sample.pairs.Select(static (pair, i) => Keys($"F# {i}: {pair.Item1.GetType().Name}", pair.Item1, pair.Item2)),
    ];

    [TestCaseSource(nameof(EqualKeys))]
    public void Keys_that_are_equal_but_look_different_have_one_hash(object one, object other, Type declared)
    {
        var hasher = KeyHasherFactory.Of(declared);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Equals(other), "the type's own Equals");
            Assert.That(hasher.HashObject(one), Is.EqualTo(hasher.HashObject(other)));
            Assert.That(() => Require(declared), Throws.Nothing);
        }
    }

    // The figures are part of the contract: they must be the same in every process, in every culture and on every machine.
    [Test]
    public void Hashes_are_the_same_in_every_process()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(KeyHasher<string>.Default.Hash("word"), Is.EqualTo(Expected.Word));
            Assert.That(KeyHasher<int>.Default.Hash(42), Is.EqualTo(Expected.FortyTwo));
            Assert.That(KeyHasher<(string, int)>.Default.Hash(("word", 42)), Is.EqualTo(Expected.Pair));
            Assert.That(KeyHasher<Pair<string, int>>.Default.Hash(new Pair<string, int>("word", 42)), Is.EqualTo(Expected.Pair));
            Assert.That(KeyHasher<Color>.Default.Hash(Color.Green), Is.EqualTo(KeyHasher<int>.Default.Hash(1)));
            Assert.That(KeyHasher<Price?>.Default.Hash(null), Is.Zero);
            Assert.That(KeyHasher<Uri>.Default.Hash(new Uri("http://example.com/a?b")), Is.EqualTo(Expected.Address));
            Assert.That(KeyHasher<Int128>.Default.Hash(Int128.MaxValue), Is.EqualTo(Expected.Wide));
            Assert.That(KeyHasher<Version>.Default.Hash(new Version(1, 2, 3)), Is.EqualTo(Expected.Version));
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
    public void Records_spread_over_partitions()
    {
        var partitioner = new HashPartitioner<Order>(16);

        var sizes = Enumerable.Range(0, 16_000)
            .GroupBy(i => partitioner.GetPartition(new Order(new Price("EUR", i), Noon.AddDays(i % 7)))).Select(group => group.Count()).ToArray();

        Assert.That(sizes, Has.Length.EqualTo(16).And.All.InRange(800, 1200));
    }

    [Test]
    public void A_stable_hash_is_that_of_keys()
    {
        Assert.That(StableHash.Of(("word", 42)), Is.EqualTo(unchecked((int)Expected.Pair)));
    }

    [Test]
    public void A_derived_record_that_is_no_key_is_refused_where_it_comes()
    {
        Assert.That(() => KeyHasher<Shape>.Default.Hash(new Polygon("p", [1, 2])),
            Throws.TypeOf<SparkException>().With.Message.StartsWith("Polygon cannot be a key: Sides is of type int[], and two arrays"));
    }

    private static Tuple<string, string> TwiceTheSame(string text) => Tuple.Create(text, text);

    private static TestCaseData Keys<T>(string name, T one, T other) =>
        new TestCaseData(one, other, typeof(T) == typeof(object) ? Declared(one!.GetType()) : typeof(T)).SetArgDisplayNames(name);

    // A case of an F# union is an object of a class that its author does not see.
    private static Type Declared(Type type) => Sparkish.Serialization.Types.UnionShape.Of(type.BaseType!) is null ? type : type.BaseType!;

    private static void Require(Type type) => typeof(KeyRules).GetMethod(nameof(KeyRules.RequireKey))!
        .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, ["ReduceByKey"], null);

    private static class Expected
    {
        public const uint Word = 3137341316;
        public const uint FortyTwo = 142593372;
        public const uint Pair = 2609029834;
        public const uint Address = 1069652808;
        public const uint Wide = 596704805;
        public const uint Version = 3390573377;
    }
}
