using System.Net;
using System.Text.Json;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Rows;
using Sparkish.Serialization.Types;

[assembly: SerializationSurrogate(typeof(Sparkish.Tests.Docs.EndPointSurrogate))]

namespace Sparkish.Tests.Docs;

// <snippet rows-type>
public record Person(string Name, int Age);
// </snippet>

// <snippet surrogate>
public sealed class EndPointSurrogate : Surrogate<IPEndPoint, string>
{
    public override string ToState(IPEndPoint value) => value.ToString();

    public override IPEndPoint FromState(string state) => IPEndPoint.Parse(state);
}
// </snippet>

// <snippet codec>
[CodecType(typeof(MoneyCodec))]
public sealed class Money(string currency, long cents)
{
    public string Currency { get; } = currency;

    public long Cents { get; } = cents;
}

public sealed class MoneyCodec : Codec<Money?>
{
    public override string Schema => "money v1"; // change it with the format

    public override void Write(ByteWriter writer, in Money? value)
    {
        writer.WriteString(value?.Currency); // null is distinct from ""
        writer.WriteUnmanaged(value?.Cents ?? 0);
    }

    public override Money? Read(ref ByteReader reader)
    {
        var currency = reader.ReadString();
        var cents = reader.ReadUnmanaged<long>();
        return currency is null ? null : new Money(currency, cents);
    }
}
// </snippet>

// <snippet extensible>
[Extensible]
public sealed record Registered(string Name, int Cores, string Rack = "default");
// </snippet>

// <snippet serializer>
public sealed class JsonRows : Serializer
{
    private static readonly JsonSerializerOptions Options = new() { IncludeFields = true }; // tuples are structs with fields

    public override Codec<T> CodecFor<T>() => new JsonCodec<T>();

    private sealed class JsonCodec<T> : Codec<T>
    {
        public override void Write(ByteWriter writer, in T value) => writer.WriteString(JsonSerializer.Serialize(value, Options));

        public override T Read(ref ByteReader reader) => JsonSerializer.Deserialize<T>(reader.ReadString()!, Options)!;
    }
}
// </snippet>

/// <summary>The code of docs/serialization.md; what stands between the marks stands there, too.</summary>
internal sealed class SerializationGuideTests
{
    [Test]
    public void Rows_are_written_and_read()
    {
        Person[] people = [new("Ada", 36), new("Grace", 85)];

        // <snippet rows>
        var codec = Codec.For<Person>();
        var writer = new ByteWriter();
        codec.WriteAll(writer, people); // allocates only the writer's buffer

        var copies = new Person[people.Length];
        var reader = new ByteReader(writer.WrittenSpan);
        codec.ReadAll(ref reader, copies); // allocates only the people
        // </snippet>

        Assert.That(copies, Is.EqualTo(people));
    }

    [Test]
    public void Rows_are_stored_with_their_schema()
    {
        Person[] people = [new("Ada", 36), new("Grace", 85)];
        var read = new List<Person>();
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "people.rows");

        // <snippet stored>
        using (var file = File.Create(path))
        using (var writer = new RowWriter<Person>(file))
        {
            writer.WriteAll(people);
        }

        using (var file = File.OpenRead(path))
        {
            foreach (var person in new RowReader<Person>(file).ReadToEnd()) read.Add(person);
        }
        // </snippet>

        Assert.That(read, Is.EqualTo(people));
    }

    [Test]
    public void A_graph_keeps_what_is_shared()
    {
        // <snippet graph>
        var ada = new Person("Ada", 36);
        object[] graph = [ada, ada, new List<Person> { ada }];

        var bytes = ObjectSerializer.Serialize(graph);
        var copy = ObjectSerializer.Deserialize<object[]>(bytes, new SerializationContext { Types = TypeBinder.Application });

        var isShared = ReferenceEquals(copy[0], copy[1]); // true
        // </snippet>

        Assert.That(isShared, Is.True);
        Assert.That(copy[0], Is.EqualTo(ada));
    }

    [Test]
    public void A_surrogate_stands_in_for_a_type_of_others()
    {
        var copy = ObjectSerializer.Deserialize<IPEndPoint[]>(
            ObjectSerializer.Serialize(new[] { new IPEndPoint(IPAddress.IPv6Loopback, 80) }), new SerializationContext { Types = TypeBinder.Application });

        Assert.That(copy, Is.EqualTo(new[] { new IPEndPoint(IPAddress.IPv6Loopback, 80) }));
    }

    [Test]
    public void A_codec_of_ones_own_serves_its_type()
    {
        var copy = ObjectSerializer.Deserialize<List<Money?>>(
            ObjectSerializer.Serialize(new List<Money?> { new("EUR", 150), null }), new SerializationContext { Types = TypeBinder.Application });

        Assert.That(copy[0]!.Cents, Is.EqualTo(150));
        Assert.That(copy[1], Is.Null);
        Assert.That(Codec.For<Money>().Schema, Is.EqualTo("money v1"));
    }

    [Test]
    public void An_extensible_message_is_read_with_what_it_lacks()
    {
        var writer = new ByteWriter();
        Codec.For<Registered>().Write(writer, new Registered("w1", 4));

        var reader = new ByteReader(writer.WrittenSpan);

        Assert.That(Codec.For<Registered>().Read(ref reader), Is.EqualTo(new Registered("w1", 4, "default")));
    }

    [Test]
    public void Rows_can_be_written_by_another_serializer()
    {
        // <snippet serializer-conf>
        var conf = new SparkConf().SetMaster("local[2]").SetAppName("json").Set("spark.serializer", "Sparkish.Tests.Docs.JsonRows, Sparkish.Tests");
        // </snippet>

        using var sc = new SparkContext(conf);
        var sums = sc.Parallelize(Enumerable.Range(1, 10), 2).Map(x => (x % 2, x)).ReduceByKey((a, b) => a + b).Collect();

        Assert.That(sums, Is.EquivalentTo(new[] { (0, 30), (1, 25) }));
    }
}
