using System.Text.Json;
using Sparkish.Serialization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Serialization;

/// <summary>Writes rows as JSON, and counts in how many rows it did: on each side, since each has its own.</summary>
public sealed class JsonSerializerOfRows(SparkConf conf) : Serializer
{
    private static readonly JsonSerializerOptions Options = new() { IncludeFields = true };

    private static long _rows;

    public static long Rows => Interlocked.Read(ref _rows);

    public string AppName { get; } = conf.Get("spark.app.name");

    public override Codec<T> CodecFor<T>() => new JsonCodec<T>();

    private sealed class JsonCodec<T> : Codec<T>
    {
        public override void Write(ByteWriter writer, in T value)
        {
            Interlocked.Increment(ref _rows);
            writer.WriteString(JsonSerializer.Serialize(value, Options));
        }

        public override T Read(ref ByteReader reader) => JsonSerializer.Deserialize<T>(reader.ReadString()!, Options)!;
    }
}

public sealed class FailingSerializer : Serializer
{
    public override Codec<T> CodecFor<T>() => new FailingCodec<T>();

    private sealed class FailingCodec<T> : Codec<T>
    {
        public override void Write(ByteWriter writer, in T value)
        {
            if (typeof(T) != typeof(int)) throw new NotSupportedException("only numbers");
            writer.WriteUnmanaged((int)(object)value!);
        }

        public override T Read(ref ByteReader reader) => (T)(object)reader.ReadUnmanaged<int>();
    }
}

public sealed class HiddenSerializer : Serializer
{
    private HiddenSerializer() { }

    public override Codec<T> CodecFor<T>() => Codec.For<T>();
}

public sealed class SerializerTests
{
    private const string Key = "spark.serializer";

    private static readonly (string, int)[] Expected = [("even", 20), ("odd", 25)];

    [Test]
    public void A_job_within_the_process_writes_its_rows_with_it()
    {
        var before = JsonSerializerOfRows.Rows;
        using var sc = LocalContext.Start(settings: (Key, NameOf<JsonSerializerOfRows>()));

        var sums = Sums(sc);

        // Ten numbers are parallelized, at least the sums are shuffled and sent as results.
        Assert.That(sums, Is.EqualTo(Expected));
        Assert.That(JsonSerializerOfRows.Rows - before, Is.GreaterThanOrEqualTo(10 + 2 + 2));
    }

    [Test]
    public async Task Executors_make_theirs_from_the_assemblies_of_the_application()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);
        await using var sc = LocalContext.Start(cluster.Url, (Key, NameOf<JsonSerializerOfRows>()));

        var sums = Sums(sc);
        var used = sc.Parallelize(new[] { 1 }, 1).Map(_ => (Environment.ProcessId, JsonSerializerOfRows.Rows)).Collect();

        Assert.That(sums, Is.EqualTo(Expected));
        Assert.That(used[0].ProcessId, Is.Not.EqualTo(Environment.ProcessId));
        Assert.That(used[0].Rows, Is.GreaterThanOrEqualTo(4), "the sums of the map side and the results");
    }

    [Test]
    public void A_local_cluster_uses_it_too()
    {
        using var sc = LocalContext.Start("local-cluster[1,1,1024]", (Key, NameOf<JsonSerializerOfRows>()));

        Assert.That(Sums(sc), Is.EqualTo(Expected));
        Assert.That(sc.Parallelize(new[] { 3, 4 }, 2).Reduce((left, right) => left + right), Is.EqualTo(7));
    }

    [Test]
    public void What_its_codec_throws_names_it_and_the_type_of_the_rows()
    {
        using var sc = LocalContext.Start(settings: (Key, NameOf<FailingSerializer>()));

        Assert.That(sc.Parallelize(new[] { 1, 2 }, 1).Collect(), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(() => sc.Parallelize(new[] { "a" }, 1), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
            "The serializer Sparkish.Tests.Serialization.FailingSerializer of spark.serializer cannot write a System.String: only numbers"));
        Assert.That(() => sc.Parallelize(new[] { 1 }, 1).Map(number => $"{number}")
            .Collect(), Throws.TypeOf<SparkException>().With.Message.Contains("cannot write a System.String: only numbers"));
    }

    [TestCase("org.apache.spark.serializer.KryoSerializer", "leave the key empty")]
    [TestCase("Sparkish.Tests.Serialization.JsonSerializerOfRows", "'Namespace.Type, Assembly'")]
    [TestCase("Sparkish.Tests.Serialization.Missing, Sparkish.Tests", "has no type")]
    [TestCase("Some.Type, Some.Missing.Assembly", "was not found")]
    [TestCase("Sparkish.Tests.Serialization.SerializerTests, Sparkish.Tests", "does not derive from")]
    [TestCase("Sparkish.Tests.Serialization.HiddenSerializer, Sparkish.Tests", "no public constructor")]
    public void A_setting_that_names_no_serializer_stops_the_start(string name, string reason) =>
        Assert.That(() => LocalContext.Start(settings: (Key, name)), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith("spark.serializer ").And.Message.Contains(reason));

    private static (string, int)[] Sums(SparkContext sc) =>
        [.. sc.Parallelize(Enumerable.Range(0, 10), 2).Map(number => (number % 2 == 0 ? "even" : "odd", number))
            .ReduceByKey((left, right) => left + right, 2).Collect().Order()];

    private static string NameOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";
}
