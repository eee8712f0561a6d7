using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Core;
using Sparkish.Compute;
using Sparkish.Keys;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;
using Sparkish.TestKit.NUnit;

namespace Sparkish.Tests.Keys;

/// <summary>
/// Random types with random values: keys are grouped as LINQ groups them, sorted as LINQ sorts them, and arrive equal as rows and in graphs. A seed that
/// fails is printed and repeats with <c>SPARKISH_SEED</c>.
/// </summary>
internal sealed class KeyFuzzTests
{
    private const int Values = 100;

    private static readonly SerializationContext AllTypes = new() { Types = TypeBinder.Application };

    [Test]
    public void Keys_of_any_type_are_grouped_sorted_and_sent_as_LINQ_would_have_them() => Run(seeds: 50);

    /// <summary>A hundred values for each seed: <c>SPARKISH_SEEDS=10000</c> tries a million.</summary>
    [Test, Long]
    public void Tens_of_thousands_of_keys_are_grouped_sorted_and_sent_as_LINQ_would_have_them() => Run(RequestedSeeds.Or(400));

    [Test]
    public void Jobs_group_and_sort_as_LINQ_does()
    {
        using var sc = LocalContext.Start();

        foreach (var seed in Enumerable.Range(0, 12)) Invoke(nameof(RunJobs), seed, sc);
    }

    private static void Run(int seeds) => SimulatedSeeds.Run(seeds, cluster => Try(checked((int)cluster.Seed)));

    private static void Try(int seed) => Invoke(nameof(Check), seed);

    private static void Invoke(string method, int seed, params object[] more)
    {
        var random = new Random(seed);
        var keys = new RandomKeys(random);
        var type = keys.NextType();
        try
        {
            typeof(KeyFuzzTests).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [keys, random, .. more], null);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Keys of {type}: {e.Message}", e);
        }
    }

    private static void Check<T>(RandomKeys keys, Random random)
    {
        KeyRules.RequireKey<T>("fuzz");
        var samples = Samples<T>(keys, random);
        CheckGroups(samples);
        CheckOrder(samples);
        CheckGraph(samples);
    }

    private static T[] Samples<T>(RandomKeys keys, Random random)
    {
        var pool = Enumerable.Range(0, 12).Select(_ => (T)keys.NextValue(typeof(T))!).ToArray();
        return [.. Enumerable.Range(0, Values).Select(_ => (T)keys.Disguise(typeof(T), pool[random.Next(pool.Length)])!)];
    }

    // As a shuffle does: combined in three map tasks, written as rows by partition, read and combined again.
    private static void CheckGroups<T>(T[] samples)
    {
        var partitioner = new HashPartitioner<T>(7);
        var codec = Codec.For<(T, int)>();
        var files = new ByteWriter[7];
        foreach (ref var file in files.AsSpan()) file = new ByteWriter();
        var counts = new int[7];
        foreach (var task in samples.Chunk(40))
        {
            foreach (var pair in Combine(task.Select(static key => (key, 1)).ToArray()))
            {
                var partition = partitioner.GetPartition(pair.Key);
                codec.Write(files[partition], pair);
                counts[partition]++;
            }
        }

        var groups = files.SelectMany((file, i) => Combine(Read(codec, file, counts[i]))).ToArray();
        var expected = samples.ToLookup(static key => key);
        Assert.That(groups, Has.Length.EqualTo(expected.Count), "groups");
        foreach (var (key, count) in groups) Assert.That(count, Is.EqualTo(expected[key].Count()), $"the count of {key}");
    }

    private static (T Key, int Value)[] Combine<T>((T Key, int Value)[] pairs)
    {
        using var map = new CombinerMap<T, int>();
        map.MergeAll(pairs, static (x, y) => x + y);
        var combined = new (T Key, int Value)[map.Count];
        map.CopyTo(0, combined);
        return combined;
    }

    private static (T, int)[] Read<T>(Codec<(T, int)> codec, ByteWriter file, int count)
    {
        var pairs = new (T, int)[count];
        var reader = new ByteReader(file.WrittenSpan, AllTypes);
        codec.ReadAll(ref reader, pairs);
        return pairs;
    }

    private static void CheckOrder<T>(T[] samples)
    {
        if (!HasOrder<T>()) return;
        var sorted = samples.Order(KeyComparer<T>.Default).ToArray();
        var expected = samples.OrderBy(static key => (object?)key, Comparer<object?>.Create(static (x, y) => ExpectedOrder(typeof(T), x, y))).ToArray();
        Assert.That(sorted.Zip(expected).Select(static pair => ExpectedOrder(typeof(T), pair.First, pair.Second)), Is.All.Zero, "the order");
        var ranges = new RangePartitioner<T>([sorted[Values / 3], sorted[Values / 2]], ascending: true);
        Assert.That(sorted.Select(ranges.GetPartition), Is.Ordered, "the ranges");
    }

    private static void CheckGraph<T>(T[] samples)
    {
        object?[] boxed = [.. samples];
        var copies = ObjectSerializer.Deserialize<object?[]>(ObjectSerializer.Serialize(boxed), AllTypes);
        foreach (var (sample, copy) in boxed.Zip(copies)) Assert.That(Equals(sample, copy), $"{sample} became {copy}");
    }

    private static void RunJobs<T>(RandomKeys keys, Random random, SparkContext sc)
    {
        var samples = Samples<T>(keys, random);
        var rdd = sc.Parallelize(samples, 3);

        var groups = rdd.Map(static key => (Key: key, Value: 1)).ReduceByKey(static (x, y) => x + y, 4).Collect();
        var expected = samples.ToLookup(static key => key);
        Assert.That(groups, Has.Length.EqualTo(expected.Count), "groups");
        foreach (var (key, count) in groups) Assert.That(count, Is.EqualTo(expected[key].Count()), $"the count of {key}");
        if (!HasOrder<T>()) return;
        var sorted = rdd.SortBy(static key => key).Collect();
        var order = samples.OrderBy(static key => (object?)key, Comparer<object?>.Create(static (x, y) => ExpectedOrder(typeof(T), x, y)));
        Assert.That(sorted.Zip(order).Select(static pair => ExpectedOrder(typeof(T), pair.First, pair.Second)), Is.All.Zero, "the order");
    }

    private static bool HasOrder<T>()
    {
        try
        {
            KeyRules.RequireOrder<T>("fuzz");
            return true;
        }
        catch (SparkException)
        {
            return false;
        }
    }

    // Slow and plain: texts by code units, what has parts by its parts, the rest as the platform does.
    private static int ExpectedOrder(Type type, object? x, object? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        if (x is string text) return string.CompareOrdinal(text, (string)y);
        if (Nullable.GetUnderlyingType(type) is { } inner) return ExpectedOrder(inner, x, y);
        if (type.IsConstructedGenericType && x is System.Collections.IEnumerable left and not ITuple)
        {
            var element = type.GenericTypeArguments[0];
            var (one, other) = (left.Cast<object?>().ToArray(), ((System.Collections.IEnumerable)y).Cast<object?>().ToArray());
            var first = one.Zip(other).Select(pair => ExpectedOrder(element, pair.First, pair.Second)).FirstOrDefault(static order => order != 0);
            return first != 0 ? first : one.Length - other.Length;
        }

        if (type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(FSharpValueOption<>) && Tag(x) != Tag(y)) return Tag(x) - Tag(y);
        if (!type.IsConstructedGenericType) return Math.Sign(Comparer<object>.Default.Compare(x, y));
        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(static field => field.MetadataToken)
            .Select(field => ExpectedOrder(field.FieldType, field.GetValue(x), field.GetValue(y))).FirstOrDefault(static order => order != 0);
    }

    private static int Tag(object option) => (int)option.GetType().GetProperty("Tag")!.GetValue(option)!;
}
