using Sparkish.Serialization.Rows;

namespace Sparkish.Tests.Serialization;

public sealed class RowFilesTests
{
    [FsCheck.NUnit.Property]
    public bool Rows_come_back_in_their_order((string?, int)[] rows) => Read<(string?, int)>(Write(rows)).SequenceEqual(rows);

    [Test]
    public void Many_batches_come_back()
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => new Versions.First($"name {i}", i)).ToArray();
        var file = new MemoryStream();

        using (var writer = new RowWriter<Versions.First>(file))
        {
            writer.WriteAll(rows.AsSpan(0, 10_000));
            writer.Flush();
            for (var i = 10_000; i < rows.Length; i++) writer.Write(rows[i]);
            Assert.That(writer.Count, Is.EqualTo(rows.Length));
        }

        Assert.That(Read<Versions.First>(file.ToArray()), Is.EqualTo(rows));
    }

    [Test]
    public void A_reader_with_another_schema_is_told_both()
    {
        var bytes = Write([new Versions.First("Ann", 41)]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Read<Versions.Added>(bytes), Refused("(Name: string, Age: int)", "(Name: string, Age: int, City: string)"));
            Assert.That(() => Read<Versions.Removed>(bytes), Refused("(Name: string, Age: int)", "(Name: string)"));
            Assert.That(() => Read<Versions.Reordered>(bytes), Refused("(Name: string, Age: int)", "(Age: int, Name: string)"));
            Assert.That(() => Read<Versions.Changed>(bytes), Refused("(Name: string, Age: int)", "(Name: string, Age: long)"));
            Assert.That(Read<Versions.Same>(bytes), Is.EqualTo(new[] { new Versions.Same("Ann", 41) }));
        }
    }

    [Test]
    public void Every_corrupt_or_missing_byte_is_found()
    {
        var bytes = Write([new Versions.First("Ann", 41), new Versions.First("Bob", 19)]);

        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] ^= (byte)(1 << bit);
                Assert.That(() => Read<Versions.First>(corrupt), Throws.TypeOf<SerializationException>(), $"byte {i}, bit {bit}");
            }

            Assert.That(() => Read<Versions.First>(bytes[..i]), Throws.TypeOf<SerializationException>(), $"{i} bytes");
        }
    }

    [Test]
    public void A_row_that_cannot_be_written_leaves_nothing_behind()
    {
        var file = new MemoryStream();
        using (var writer = new RowWriter<Holder>(file))
        {
            writer.Write(new Holder("a", 1));
            Assert.That(() => writer.Write(new Holder("b", new System.Diagnostics.Process())), Throws.TypeOf<SerializationException>());
            writer.Write(new Holder("c", 3));
        }

        file.Position = 0;
        var reader = new RowReader<Holder>(file, context: CodecTests.User);

        Assert.That(reader.ReadToEnd(), Is.EqualTo(new[] { new Holder("a", 1), new Holder("c", 3) }));
    }

    [Test]
    public void Batches_are_read_without_an_allocation_per_row()
    {
        var bytes = Write([.. Enumerable.Range(0, 10_000).Select(i => (i, (long)i))]);
        var rows = new (int, long)[10_000];
        long allocated = 0;
        for (var round = 0; round < 3; round++)
        {
            var reader = new RowReader<(int, long)>(new MemoryStream(bytes));
            reader.Read(rows.AsSpan(0, 1));
            var read = 1;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (int more; read < 5000 && (more = reader.Read(rows.AsSpan(read, 100))) > 0;) read += more;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    private static byte[] Write<T>(T[] rows)
    {
        var file = new MemoryStream();
        using (var writer = new RowWriter<T>(file)) writer.WriteAll(rows);
        return file.ToArray();
    }

    private static T[] Read<T>(byte[] bytes) => [.. new RowReader<T>(new MemoryStream(bytes)).ReadToEnd()];

    private static NUnit.Framework.Constraints.EqualStringConstraint Refused(string written, string read) => Throws.TypeOf<SerializationException>()
        .With.Message.EqualTo(
            $"The rows were written as {written} but are read as {read}: read them with the type that they were written with, and convert them.");
}
