using System.Collections.Immutable;
using System.Numerics;
using Sparkish.Serialization;
using Sparkish.Serialization.Schemas;
using static Sparkish.Tests.Serialization.SchemaVersions;

namespace Sparkish.Tests.Serialization;

public sealed class SchemaParserTests
{
    [Test]
    public void A_value_of_every_kind_is_gone_over_to_its_end()
    {
        using (Assert.EnterMultipleScope())
        {
            AssertSkips(new Person("p", 1));
            AssertSkips(("a", (int?)null, true));
            AssertSkips(DayOfWeek.Friday);
            AssertSkips(new Dictionary<string, long[]> { ["k"] = [1, 2] });
            AssertSkips(new Tree(1, new Tree(2, null!, []), [new Tree(3, null!, null!)]));
            AssertSkips(new SortedDictionary<int, ImmutableHashSet<string>> { [1] = ["a"] });
            AssertSkips(new Stack<DateTimeOffset>([DateTimeOffset.UnixEpoch]));
            AssertSkips(new[, ,] { { { 1m } } });
            AssertSkips<BigInteger?[]>([BigInteger.One, null]);
            AssertSkips(new Uri?[] { new("a", UriKind.Relative), null });
            AssertSkips(new Versions.NewWhole(new Versions.NewPart(1), "n", [new Versions.New("a", 1)]));
            AssertSkips(new Version(1, 2, 3));
            AssertSkips(new[] { new Padded(1, 2, IsSet: true, 4m) });
        }
    }

    [TestCase("")]
    [TestCase("(")]
    [TestCase("(a)")]
    [TestCase("(a: int")]
    [TestCase("#0")]
    [TestCase("(a: #1)")]
    [TestCase("[int")]
    [TestCase("int)")]
    [TestCase("map [int")]
    [TestCase("struct (a: )")]
    [TestCase("#99999999999999999999")]
    public void What_is_no_schema_is_refused(string text) => Assert.That(() => SchemaParser.Parse(text), Throws.TypeOf<SerializationException>());

    [FsCheck.NUnit.Property]
    public bool Any_text_is_an_error_or_a_schema(FsCheck.NonNull<string> text, int cut)
    {
        var known = Codec.For<Collections>().Schema;
        return Handles(text.Get) && Handles(known[..(Math.Abs(cut % known.Length))]) && Handles(known.Insert(Math.Abs(cut % known.Length), text.Get));
    }

    [Test]
    public void A_schema_that_nests_without_end_is_refused()
    {
        Assert.That(() => SchemaParser.Parse(new string('[', 100_000)), Throws.TypeOf<SerializationException>());
        Assert.That(() => SchemaParser.Parse(string.Concat(Enumerable.Repeat("(a: ", 10_000))), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void A_part_without_a_schema_is_found_by_its_path()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SchemaParser.Parse(Codec.For<WithObject>().Schema).FindGraph(), Is.EqualTo(".Anything: System.Object"));
            Assert.That(SchemaParser.Parse(Codec.For<List<WithObject>>().Schema).FindGraph(), Is.EqualTo("[].Anything: System.Object"));
            Assert.That(SchemaParser.Parse(Codec.For<Tree>().Schema).FindGraph(), Is.Null);
        }
    }

    private static void AssertSkips<T>(T value)
    {
        var bytes = CodecTests.Bytes(value);
        var input = new SchemaInput(bytes, context: null);
        SchemaParser.Parse(Codec.For<T>().Schema).Skip(ref input);
        Assert.That(input.Position, Is.EqualTo(bytes.Length), Codec.For<T>().Schema);
    }

    private static bool Handles(string text)
    {
        try
        {
            SchemaParser.Parse(text);
            return true;
        }
        catch (SerializationException)
        {
            return true;
        }
    }
}
