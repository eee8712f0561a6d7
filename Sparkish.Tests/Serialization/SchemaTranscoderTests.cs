using System.Collections.Immutable;
using Sparkish.Serialization;
using Sparkish.Serialization.Schemas;
using static Sparkish.Tests.Serialization.SchemaVersions;

namespace Sparkish.Tests.Serialization;

/// <summary>That values of one version are read as another one by the names of their members.</summary>
public sealed class SchemaTranscoderTests
{
    [Test]
    public void Members_are_added_removed_reordered_and_widened_at_every_depth()
    {
        var stored = new Machine(
            "w1", 4, new Address("Rue A", 1), [new Address("Rue B", 2), null], new Dictionary<string, short> { ["cpu"] = 3, ["a"] = 1 }, "gone");

        var read = Transcode<Machine, MachineNow>(stored);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((read.Id, read.Cores, read.Added, read.Color, read.Text), Is.EqualTo(("w1", 4L, 7, WideColor.Green, (string?)null)));
            Assert.That(read.Home, Is.EqualTo(new AddressWithCity(null!, 1, "Rue A", "France")));
            Assert.That(read.Others, Is.EqualTo(new[] { new AddressWithCity(null!, 2, "Rue B", "France"), null }));
            Assert.That(read.Load, Is.EqualTo(new Dictionary<string, double> { ["a"] = 1, ["cpu"] = 3 }));
        }
    }

    [Test]
    public void A_former_name_leads_to_its_member() =>
        Assert.That(Transcode<Renamed, RenamedNow>(new Renamed("Ann", 2)), Is.EqualTo(new RenamedNow("Ann", 2)));

    [Test]
    public void Records_that_hold_themselves_are_followed() => Assert.That(
        Transcode<Linked, LinkedNow>(new Linked(1, new Linked(2, new Linked(3, null)))),
        Is.EqualTo(new LinkedNow(null, 1, new LinkedNow(null, 2, new LinkedNow(null, 3, null)))));

    [Test]
    public void Structs_enums_and_values_that_may_be_null_now_are_followed() => Assert.That(
        Transcode<Mixed, MixedNow>(new Mixed(new Spot(1, 2), Color.Green, null, 5)),
        Is.EqualTo(new MixedNow(new SpotNow(0, 1, 2), WideColor.Green, null, 5)));

    [Test]
    public void Extensible_records_become_fixed_ones_and_back()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Transcode<Extended, Fixed>(new Extended("Ann", 41)), Is.EqualTo(new Fixed("Ann", 41)));
            Assert.That(Transcode<Versions.Old, Versions.New>(new Versions.Old("Ann", 41)), Is.EqualTo(new Versions.New("Ann", 41)));
        }
    }

    [Test]
    public void What_a_codec_of_the_application_wrote_is_taken_over_as_it_is()
    {
        var stored = new Tokens(new Token("secret"), 3);

        var read = Transcode<Tokens, TokensNow>(stored);

        Assert.That((read.Number, read.Token.Text), Is.EqualTo((3L, "secret")));
    }

    [Test]
    public void Null_stays_null() => Assert.That(Transcode<Machine?, MachineNow?>(null), Is.Null);

    [Test]
    public void Collections_change_where_nothing_is_lost()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Transcode<HashSet<string>, List<string>>(["a"]), Is.EqualTo(new[] { "a" }));
            Assert.That(Transcode<HashSet<short>, ImmutableSortedSet<int>>([2, 1]), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(Transcode<List<byte>, long[]>([1, 2]), Is.EqualTo(new long[] { 1, 2 }));
            Assert.That(Transcode<int[,], double[,]>(new[,] { { 1, 2 }, { 3, 4 } }), Is.EqualTo(new double[,] { { 1, 2 }, { 3, 4 } }));
            Assert.That(() => Transcode<List<int>, HashSet<int>>([1]), Throws.TypeOf<SerializationException>());
        }
    }

    [Test]
    public void What_cannot_become_the_other_is_told_with_its_place_and_both_types()
    {
        var error = Assert.Throws<SerializationException>(() => SchemaTranscoder.Make<InnerNow>(Codec.For<Inner>().Schema, "Registered"));

        Assert.That(error?.Message, Is.EqualTo(
            "Registered.Part.Value was stored as string and is now int, to which it cannot be converted: give the member a new name, or the type a new number."));
    }

    [TestCase(typeof(long), typeof(int))]
    [TestCase(typeof(int), typeof(uint))]
    [TestCase(typeof(uint), typeof(int))]
    [TestCase(typeof(long), typeof(double))]
    [TestCase(typeof(int), typeof(float))]
    [TestCase(typeof(double), typeof(float))]
    [TestCase(typeof(char), typeof(ushort))]
    [TestCase(typeof(int?), typeof(int))]
    [TestCase(typeof(Guid), typeof(decimal))]
    [TestCase(typeof(DateTime), typeof(TimeSpan))]
    public void Nothing_becomes_what_might_lose_something(Type from, Type to) =>
        Assert.That(() => Resolve(from, to), Throws.TypeOf<SerializationException>().With.Message.Contains("cannot be converted"));

    [TestCase(typeof(byte), typeof(ulong))]
    [TestCase(typeof(uint), typeof(long))]
    [TestCase(typeof(ulong), typeof(Int128))]
    [TestCase(typeof(int), typeof(double))]
    [TestCase(typeof(short), typeof(float))]
    [TestCase(typeof(ulong), typeof(decimal))]
    [TestCase(typeof(float), typeof(double?))]
    [TestCase(typeof(DayOfWeek), typeof(int))]
    public void Numbers_become_wider_ones(Type from, Type to) => Assert.That(() => Resolve(from, to), Throws.Nothing);

    [FsCheck.NUnit.Property]
    public bool Whole_numbers_keep_their_value(sbyte a, byte b, short c, ushort d, int e, uint f, long g, ulong h) =>
        Transcode<sbyte, long>(a) == a && Transcode<byte, short>(b) == b && Transcode<short, Int128>(c) == c && Transcode<ushort, int>(d) == d
        && Transcode<int, long>(e) == e && Transcode<int, double>(e) == e && Transcode<uint, ulong>(f) == f
            && Transcode<long, decimal>(g) == g && Transcode<ulong, Int128>(h) == h
        && Transcode<ulong, UInt128>(h) == h && Transcode<short, float>(c) == c;

    [FsCheck.NUnit.Property]
    public bool Reading_by_names_is_what_transcoding_does(string id, int cores, string? street, int[] numbers, short[] loads)
    {
        var others = numbers.Select(number => number % 5 == 0 ? null : new Address(street!, number)).ToList();
        var load = loads.Distinct().ToDictionary(value => $"k{value}", value => value);
        var stored = new Machine(id, cores, new Address(street!, cores), others, load, "removed");

        var read = Transcode<Machine, MachineNow>(stored);

        return read.Id == id && read.Cores == cores && read.Home == new AddressWithCity(null!, cores, street!)
            && read.Others!.SequenceEqual(others.Select(other => other is null ? null : new AddressWithCity(null!, other.Number, other.Street)))
            && read.Load.Count == load.Count && read.Load.All(pair => load[pair.Key] == pair.Value);
    }

    [FsCheck.NUnit.Property]
    public bool Any_bytes_are_an_error_or_a_value(byte[] bytes) =>
        Handles<Machine, MachineNow>(bytes) && Handles<Linked, LinkedNow>(bytes) && Handles<Mixed, MixedNow>(bytes)
            && Handles<Extended, Fixed>(bytes) && Handles<int[,], long[,]>(bytes);

    [FsCheck.NUnit.Property(MaxTest = 30)]
    public void Every_wrong_byte_is_an_error_or_a_value(string id, int cores, short[] loads)
    {
        var stored = new Machine(
            id, cores, new Address("s", 1), [null, new Address("t", 2)], loads.Distinct().ToDictionary(value => $"k{value}", value => value), "removed");
        var bytes = CodecTests.Bytes(stored);
        for (var i = 0; i < Math.Min(bytes.Length, 200); i++)
        {
            foreach (var wrong in new byte[] { 0, 1, 2, 127, 128, 255, (byte)(bytes[i] ^ 1) })
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] = wrong;
                Assert.That(Handles<Machine, MachineNow>(corrupt));
            }

            Assert.That(Handles<Machine, MachineNow>(bytes[..i]));
        }
    }

    [TestCase("[struct ()]", "FFFFFFFF07")]
    [TestCase("[struct (a: struct (), b: struct ())]", "FFFFFFFF07")]
    [TestCase("[struct (),]", "01FFFFFF7FFFFFFF7F")]
    [TestCase("(a: #0)", "0101010101010101")]
    public void A_schema_without_an_end_is_bounded(string schema, string bytes)
    {
        var node = SchemaParser.Parse(schema);

        Assert.That(() => Skip(node, Convert.FromHexString(bytes)), Throws.TypeOf<SerializationException>());
    }

    private static void Skip(SchemaNode node, byte[] bytes)
    {
        var input = new SchemaInput(bytes, context: null);
        node.Skip(ref input);
    }

    private static TNow Transcode<TStored, TNow>(TStored value) => Read<TStored, TNow>(CodecTests.Bytes(value));

    private static TNow Read<TStored, TNow>(byte[] bytes)
    {
        var output = new ByteWriter();
        SchemaTranscoder.Make<TNow>(Codec.For<TStored>().Schema, "Stored").Transcode(bytes, output, context: null);
        var reader = new ByteReader(output.WrittenSpan);
        var value = Codec.For<TNow>().Read(ref reader);
        Assert.That(reader.Remaining, Is.Zero);
        return value;
    }

    private static bool Handles<TStored, TNow>(byte[] bytes)
    {
        try
        {
            Read<TStored, TNow>(bytes);
            return true;
        }
        catch (SerializationException)
        {
            return true;
        }
    }

    private static void Resolve(Type from, Type to) =>
        new SchemaResolver().Resolve(SchemaParser.Parse(SchemaText.Of(Codec.Of(from))), SchemaParser.Parse(SchemaText.Of(Codec.Of(to))), to, "x");
}
