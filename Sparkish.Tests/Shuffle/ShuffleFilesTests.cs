using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Compute;
using Sparkish.Rpc.Bulk;
using Sparkish.Serialization;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Shuffle;

public sealed class ShuffleFilesTests
{
    [FsCheck.NUnit.Property(MaxTest = 50)]
    public Property What_is_written_is_read_by_partition_with_and_without_spills()
    {
        var pairs = Gen.Choose(0, 500).Select(key => (Key: key, Value: key.ToString(CultureInfo.InvariantCulture))).ArrayOf();
        return Prop.ForAll(pairs.ToArbitrary(), Gen.Elements(1L, 500L, 1L << 20).ToArbitrary(), (input, memory) =>
        {
            using var directory = new TemporaryDirectory();
            using var store = new ShuffleStore(directory.Path);
            Write(store, input, memory);
            var partitioner = new HashPartitioner<int>(3);
            return Enumerable.Range(0, 3)
                .All(partition => ReadPart(store, partition).SequenceEqual(input.Where(pair => partitioner.GetPartition(pair.Key) == partition)));
        });
    }

    [Test]
    public void Spills_are_gone_after_the_commit()
    {
        using var directory = new TemporaryDirectory();
        using var store = new ShuffleStore(directory.Path);

        Write(store, [.. Enumerable.Range(0, 1000).Select(i => (i, "value"))], memory: 100);

        Assert.That(Stored(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "shuffle_5_7_0.data", "shuffle_5_7_0.index" }));
    }

    [Test]
    public void A_writer_that_is_not_committed_leaves_nothing()
    {
        using var directory = new TemporaryDirectory();
        using var store = new ShuffleStore(directory.Path);

        using (var writer = new ShuffleWriter<int, string>(new HashPartitioner<int>(3), new ShuffleOptions(10, 10), store, 5, 7))
            writer.Write((1, "a long enough value to spill"));

        Assert.That(Stored(directory), Is.Empty);
    }

    [Test]
    public void Every_flipped_byte_is_noticed()
    {
        using var directory = new TemporaryDirectory();
        using var store = new ShuffleStore(directory.Path);
        Write(store, [(1, "one"), (2, "two"), (3, "three")], memory: 1 << 20);
        var data = Directory.EnumerateFiles(directory.Path, "*.data", SearchOption.AllDirectories).Single();
        var good = File.ReadAllBytes(data);

        for (var i = 0; i < good.Length; i++)
        {
            var bad = good.ToArray();
            bad[i] ^= 0x40;
            File.WriteAllBytes(data, bad);

            Assert.That(() => Enumerable.Range(0, 3).SelectMany(partition => ReadPart(store, partition))
                .ToArray(), Throws.TypeOf<InvalidDataException>(), $"byte {i}");
        }
    }

    [TestCase("5/0/8", "shuffle_5_8 is not on this executor.")]
    [TestCase("5/9/7", "shuffle_5_7 has no partition 9.")]
    [TestCase("../etc/passwd", "'../etc/passwd' is not a shuffle path: it must be SHUFFLE/REDUCE/MAP,MAP,….")]
    public void A_path_that_names_nothing_is_refused(string path, string message)
    {
        using var directory = new TemporaryDirectory();
        using var store = new ShuffleStore(directory.Path);
        Write(store, [(1, "one")], memory: 1 << 20);

        Assert.That(() => store.Open(path), Throws.TypeOf<BulkNotFoundException>().With.Message.EqualTo(message));
    }

    private static IEnumerable<string> Stored(TemporaryDirectory directory) =>
        Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) is not ".owner");

    private static void Write(ShuffleStore store, (int Key, string Value)[] pairs, long memory)
    {
        using var writer = new ShuffleWriter<int, string>(new HashPartitioner<int>(3), new ShuffleOptions(int.MaxValue, memory), store, 5, 7);
        foreach (var pair in pairs) writer.Write(pair);
        writer.Commit();
    }

    private static List<(int Key, string Value)> ReadPart(ShuffleStore store, int partition)
    {
        var (file, offset, length) = store.OpenPart(new ShuffleFileId(5, 7), partition);
        using var stream = new FileStream(file, FileAccess.Read) { Position = offset };
        var reader = new FrameReader<(int Key, string Value)>(new SerializationContext());
        reader.Reset(stream, length);
        var all = new List<(int Key, string Value)>();
        var batch = new (int Key, string Value)[10];
        for (int count; (count = reader.Read(batch)) > 0;) all.AddRange(batch.AsSpan(0, count));
        return all;
    }
}
