using System.Reflection;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Schemas;
using Sparkish.Serialization.Types;
using Sparkish.Tests.Rpc;
using Sample = Sparkish.Tests.FSharp.Messages;

namespace Sparkish.Tests.Serialization.Messages;

/// <summary>Unions, lists, options and records of F#, as messages under numbers and as graphs of objects.</summary>
internal sealed class FSharpMessagesTests
{
    private static readonly SerializationContext NoTypes = new();
    private static readonly SerializationContext AllTypes = new() { Types = TypeBinder.Application };

    private static IEnumerable<TestCaseData> Values =>
        Sample.values.Select((value, i) => new TestCaseData(value).SetArgDisplayNames($"{i} {value.GetType().Name}"));

    [TestCaseSource(nameof(Values))]
    public void A_value_has_a_fixed_schema_and_arrives_equal(object value)
    {
        var declared = UnionOf(value.GetType());
        var copy = typeof(FSharpMessagesTests).GetMethod(nameof(ByCodec), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(declared).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value], null);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Codec.Of(declared).IsGraph, Is.False);
            Assert.That(copy, Is.EqualTo(value));
        }
    }

    [TestCaseSource(nameof(Values))]
    public void A_value_arrives_equal_in_a_graph(object value) =>
        Assert.That(ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(value), AllTypes), Is.EqualTo(value));

    [TestCaseSource(nameof(Values))]
    public void A_value_is_shown_and_passed_over_by_its_schema_alone(object value)
    {
        var (bytes, schema) = ((byte[], string))typeof(FSharpMessagesTests).GetMethod(nameof(Written), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(UnionOf(value.GetType())).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value], null)!;

        var input = new SchemaInput(bytes, NoTypes);
        SchemaParser.Parse(schema).Skip(ref input);

        Assert.That(input.Remaining, Is.Zero);
    }

    [Test]
    public void All_cases_of_a_union_have_its_number()
    {
        var registry = new MessageRegistry().AddAssembly(typeof(Sample).Assembly);
        var numbers = new[] { Sample.Shape.NewCircle(1), Sample.Shape.NewRectangle(1, 2), Sample.Shape.Point }.Select(
            shape => registry.TryGet(shape.GetType(), out var type) ? type.Id : 0);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(registry.Types.Skip(4).Select(type => (type.Id, type.Type)),
                Is.EqualTo(new[] { (1000, typeof(Sample.Shape)), (1001, typeof(Sample.Order)), (1002, typeof(Sample.Command)) }));
            Assert.That(numbers, Is.EqualTo(new[] { 1000, 1000, 1000 }));
        }
    }

    [Test]
    public void Cases_of_a_generic_union_have_the_number_of_its_constructed_type()
    {
        var registry = new MessageRegistry().Add<Sample.Tree<int>>(100).Add<Sample.Tree<string>>(101);

        registry.TryGet(Sample.chain(1).GetType(), out var numbers);
        registry.TryGet(Sample.Tree<string>.NewNode(Sample.Tree<string>.Leaf, "s", Sample.Tree<string>.Leaf).GetType(), out var texts);

        Assert.That((numbers?.Id, texts?.Id), Is.EqualTo((100, 101)));
    }

    [Test]
    public async Task An_endpoint_receives_the_cases_of_a_union_from_another_node()
    {
        var messages = new MessageRegistry().AddAssembly(typeof(Sample).Assembly).Add<FSharpList<int>>(1003);
        var endpoint = new TestEndpoint(onAsk: (message, call) => call.Reply(message is Sample.Command.Count count ? $"{count.replyTo.Name}" : message));
        await using var server = RpcEnv.Create("server", new SparkConf(false), messages);
        await using var client = RpcEnv.Create("client", new SparkConf(false), messages);
        var target = server.SetupEndpoint("target", endpoint);
        var remote = client.RefTo(new RpcEndpointAddress(server.Address, target.Name));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await remote.AskAsync<Sample.Shape>(Sample.Shape.Point), Is.EqualTo(Sample.Shape.Point));
            Assert.That(await remote.AskAsync<Sample.Command>(Sample.Command.NewAdd(Sample.order)), Is.EqualTo(Sample.Command.NewAdd(Sample.order)));
            Assert.That(await remote.AskAsync<Sample.Command>(Sample.Command.Stop), Is.EqualTo(Sample.Command.Stop));
            Assert.That(await remote.AskAsync<string>(Sample.Command.NewCount(remote)), Is.EqualTo("target"));
            Assert.That(await remote.AskAsync<Sample.Order>(Sample.emptyOrder), Is.EqualTo(Sample.emptyOrder));
            Assert.That(await remote.AskAsync<FSharpList<int>>(Sample.numbers(100_000)), Is.EqualTo(Sample.numbers(100_000)));
        }
    }

    [Test]
    public void A_list_of_a_million_elements_arrives_by_codec_and_in_a_graph()
    {
        var list = Sample.numbers(1_000_000);
        var texts = ListModule.OfSeq(Enumerable.Range(0, 200_000).Select(number => $"{number}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ByCodec<FSharpList<int>>(list).SequenceEqual(list), Is.True);
            Assert.That(ByCodec<FSharpList<string>>(texts).SequenceEqual(texts), Is.True);
            Assert.That(ByGraph(list).SequenceEqual(list), Is.True);
            Assert.That(ByGraph(texts).SequenceEqual(texts), Is.True);
        }
    }

    [Test]
    public void A_tree_deeper_than_the_limit_is_refused_on_both_paths_and_ends_no_stack()
    {
        var chain = Sample.chain(5000);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ByCodec<Sample.Tree<int>>(chain), Throws.TypeOf<SerializationException>().With.Message.Contains("2000 levels deep"));
            Assert.That(() => ByGraph(chain), Throws.TypeOf<SerializationException>());
            Assert.That(() => Read<Sample.Tree<int>>(Enumerable.Repeat((byte)2, 1_000_000).ToArray()), Throws.TypeOf<SerializationException>());
            Assert.That(ByCodec<Sample.Tree<int>>(Sample.chain(1500)), Is.EqualTo(Sample.chain(1500)));
        }
    }

    [TestCase(new byte[] { 4 }, "4 is not a case of")]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x07 }, "is not a case of")]
    [TestCase(new byte[] { 2, 0 }, "")]
    [TestCase(new byte[0], "")]
    public void Bytes_that_are_no_case_are_refused(byte[] bytes, string message) =>
        Assert.That(() => Read<Sample.Shape>(bytes), Throws.TypeOf<SerializationException>().With.Message.Contains(message));

    [Test]
    public void A_struct_union_is_never_null() => Assert.That(() => Read<Sample.Light>([0]), Throws.TypeOf<SerializationException>());

    [Test]
    public void None_in_a_list_of_options_stays_none()
    {
        var list = ListModule.OfArray([FSharpOption<string>.Some("a"), FSharpOption<string>.None, FSharpOption<string>.Some(null!)]);

        Assert.That(ByCodec<FSharpList<FSharpOption<string>>>(list), Is.EqualTo(list));
    }

    [Test]
    public void A_key_that_comes_twice_in_an_F_sharp_map_is_refused()
    {
        var (bytes, _) = Written<List<KeyValuePair<int, string>>>(new List<KeyValuePair<int, string>> { new(1, "a"), new(1, "b") });

        Assert.That(() => Read<FSharpMap<int, string>>([bytes[0], 0, .. bytes.AsSpan(1)]),
            Throws.TypeOf<SerializationException>().With.Message.Contains("twice"));
    }

    [Test]
    public void Objects_that_a_list_shares_stay_shared_in_a_graph()
    {
        var shared = new object();

        var copy = ObjectSerializer.Deserialize<FSharpList<object>>(ObjectSerializer.Serialize(ListModule.OfArray([shared, shared])), AllTypes);

        Assert.That(copy[0], Is.SameAs(copy[1]));
    }

    [Test]
    public void A_union_that_gained_a_case_reads_what_was_stored_before()
    {
        var (bytes, schema) = Written<Sample.Shape>(Sample.Shape.NewRectangle(2, 3));
        var older = schema.Replace("Circle (radius: double), ", "", StringComparison.Ordinal);
        bytes[0] = 1;

        var transcoding = new SchemaResolver().Resolve(SchemaParser.Parse(older), SchemaParser.Parse(schema), typeof(Sample.Shape), "Shape");
        var input = new SchemaInput(bytes, NoTypes);
        var output = new ByteWriter();
        transcoding.Run(ref input, output);

        Assert.That(Read<Sample.Shape>(output.ToArray()), Is.EqualTo(Sample.Shape.NewRectangle(2, 3)));
    }

    [Test]
    public async Task The_example_in_F_sharp_answers_with_cases_of_its_union()
    {
        var replies = await Sparkish.Examples.FSharp.Program.run();

        Assert.That(replies.Select(Sparkish.Examples.FSharp.Program.describe), Is.EqualTo(new[] { "2 articles, 4.30", "0.30 missing", "change: 0.70" }));
    }

    // What a value is declared as: its union where its class is that of a case.
    private static Type UnionOf(Type type) => type.BaseType is { } parent && UnionShape.Of(parent) is not null ? parent : type;

    private static T ByCodec<T>(object value) => Read<T>(Written<T>(value).Bytes);

    private static T ByGraph<T>(T value) => ObjectSerializer.Deserialize<T>(ObjectSerializer.Serialize(value), AllTypes);

    private static (byte[] Bytes, string Schema) Written<T>(object value)
    {
        var writer = new ByteWriter { Context = NoTypes };
        Codec.For<T>().Write(writer, (T)value);
        return (writer.ToArray(), Codec.For<T>().Schema);
    }

    private static T Read<T>(byte[] bytes)
    {
        var reader = new ByteReader(bytes, NoTypes);
        var value = Codec.For<T>().Read(ref reader);
        return reader.Remaining == 0 ? value : throw new AssertionException($"{reader.Remaining} bytes are left");
    }
}
