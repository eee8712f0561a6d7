using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sparkish.Serialization;
using Sparkish.Serialization.Schemas;
using static Sparkish.Tests.Serialization.SchemaVersions;

namespace Sparkish.Tests.Serialization;

/// <summary>That stored values are printed by their schemas as System.Text.Json prints the values themselves.</summary>
public sealed class SchemaJsonTests
{
    private static readonly JsonSerializerOptions Options = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    [FsCheck.NUnit.Property]
    public void Values_look_as_System_Text_Json_has_them(bool flag, sbyte small, short mid, int whole, long large,
        float single, double twice, decimal exact, DateTime when, FsCheck.NonNull<string> text, int? maybe)
    {
        var value = new Everything(
            flag, small, (byte)small, mid, (ushort)mid, whole, (uint)whole, large, (ulong)large, single, twice, exact, 'ü', Guid.NewGuid(), when,
            new DateTimeOffset(when.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero),
                TimeSpan.FromTicks(large / 2), Valid(text.Get), maybe, Color.Green, maybe is null ? null : Color.Red);

        AssertSame(value);
        AssertSame(new Everything?[] { null, value });
    }

    [FsCheck.NUnit.Property]
    public void Collections_look_as_System_Text_Json_has_them(int[]? ints, byte[]? bytes, FsCheck.NonNull<string>[] texts, short[] keys)
    {
        var distinct = texts.Select(text => Valid(text.Get)).Distinct(StringComparer.Ordinal).ToArray();

        AssertSame(new Collections(
            ints, [.. distinct, null], bytes, [.. keys.Select(key => (int)key)], distinct.ToDictionary(text => text, text => new Spot(text.Length, 1)),
            new SortedDictionary<int, string>(keys.Distinct().ToDictionary(key => (int)key, key => $"{key}")), [new Spot(1, 2)], new Queue<int>([1, 2]),
            new Linked(1, new Linked(2, null)), new Uri("http://spark/"), new Version(1, 2)));
    }

    [Test]
    public void Numbers_that_JSON_does_not_have_are_texts() => Assert.That(
        Print(new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue }),
        Is.EqualTo("""["NaN","Infinity","-Infinity",-0,5E-324,1.7976931348623157E+308]"""));

    [Test]
    public void Other_values_have_a_form_of_their_own()
    {
        var value = new Odd(BigInteger.Pow(10, 30), new[,] { { 1, 2, 3 }, { 4, 5, 6 } }, new Dictionary<Spot, int> { [new Spot(1, 2)] = 3 }, ^1);

        Assert.That(Print(value), Is.EqualTo(
            """{"Big":1000000000000000000000000000000,"Matrix":[[1,2,3],[4,5,6]],"ByPoint":[{"key":{"X":1,"Y":2},"value":3}],"Index":"/v///w=="}"""));
    }

    [Test]
    public void A_lone_surrogate_is_kept() => Assert.That(Print("a\uD800"), Is.EqualTo("\"\\u0061\\ud800\""));

    [Test]
    public void Behind_what_only_its_type_can_read_the_rest_is_left_out()
    {
        var printed = Print(new Tokens(new Token("x"), 3));

        Assert.That(printed, Does.StartWith("""{"Token":{"$type":"Sparkish.Tests.Serialization.TokenCodec, Sparkish.Tests","$bytes":""")
            .And.Not.Contains("Number"));
    }

    [Test]
    public void A_value_of_a_derived_type_is_left_as_its_bytes() =>
        Assert.That(Print<Open[]>([new Open { Value = 1 }, new Derived { Value = 2, More = 3 }]),
            Does.StartWith("""[{"Value":1},{"$type":"(Value)","$bytes":""").And.EndsWith("}]"));

    [FsCheck.NUnit.Property]
    public void Any_bytes_are_an_error_or_JSON(byte[] bytes)
    {
        foreach (
            var schema in new[] { Codec.For<Everything>().Schema, Codec.For<Collections>()
                .Schema, Codec.For<Odd>().Schema, Codec.For<Linked>().Schema, Codec.For<Tokens>().Schema })
        {
            try
            {
                using var parsed = JsonDocument.Parse(Print(SchemaParser.Parse(schema), bytes));
            }
            catch (SerializationException)
            {
                continue;
            }
        }
    }

    [FsCheck.NUnit.Property(MaxTest = 20)]
    public void Every_wrong_byte_is_an_error_or_JSON(int[] ints, byte[] raw)
    {
        var bytes = CodecTests.Bytes(
            new Collections(ints, ["a", null], raw, [1, 2], new Dictionary<string, Spot> { ["k"] = new(1, 2) },
                [], [], new Queue<int>([1]), new Linked(1, null), null, new Version(1, 2)));
        var schema = SchemaParser.Parse(Codec.For<Collections>().Schema);
        for (var i = 0; i < Math.Min(bytes.Length, 200); i++)
        {
            foreach (var wrong in new byte[] { 0, 1, 2, 127, 128, 255 })
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] = wrong;
                try
                {
                    using var parsed = JsonDocument.Parse(Print(schema, corrupt));
                }
                catch (SerializationException)
                {
                    continue;
                }
            }
        }
    }

    private static void AssertSame<T>(T value)
    {
        using var printed = JsonDocument.Parse(Print(value));
        var expected = JsonSerializer.SerializeToElement(value, Options);
        Assert.That(Sorted(printed.RootElement), Is.EqualTo(Sorted(expected)));
    }

    // The constructor's members come first here, and there as they are declared.
    private static string Sorted(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            "{" + string.Join(",", element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)
                .Select(member => $"{member.Name}:{Sorted(member.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Sorted)) + "]",
        JsonValueKind.String => "\"" + element.GetString() + "\"",
        _ => element.GetRawText(),
    };

    private static string Print<T>(T value) => Print(SchemaParser.Parse(Codec.For<T>().Schema), CodecTests.Bytes(value));

    private static string Print(SchemaNode schema, byte[] bytes)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            text, new JsonWriterOptions { MaxDepth = 10_000, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            SchemaJsonWriter.Write(schema, bytes, json);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    // Lone surrogates System.Text.Json replaces; they have a test of their own.
    private static string Valid(string text) => new(text.Where(character => !char.IsSurrogate(character)).ToArray());
}
