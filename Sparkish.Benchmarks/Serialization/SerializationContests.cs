using System.Text;
using System.Text.Json;
using Sparkish.Serialization;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>All that <c>serialization</c> measures, in the order of the table.</summary>
internal static class SerializationContests
{
    private const int Pairs = 1000;
    private const int Longs = 100_000;
    private const string JsonSuffix = ".json";
    private const string JsonName = "System.Text.Json";
    private const string WriterName = "BinaryWriter";
    private const string WriterSuffix = ".binarywriter";

    private static readonly (string, string) Usual = ("write", "read");

    public static IEnumerable<SerializationContest> All() => [PairsContest(), RecordContest(), LongsContest(), GraphContest.Make(), ClosureContest.Make()];

    private static SerializationContest PairsContest()
    {
        var pairs = Enumerable.Range(0, Pairs).Select(static i => (Key: $"word{i * 7}", Value: i * 31)).ToArray();
        var json = Array.ConvertAll(pairs, static pair => new JsonPair(pair.Key, pair.Value));
        var codec = Codec.For<(string, int)>();
        return new SerializationContest("serialization.pairs", Usual, 0,
        [
            Ours(pairs.Length, pairs, (writer, pairs) => codec.WriteAll(writer, pairs), bytes =>
            {
                var copies = new (string Key, int Value)[Pairs];
                return () =>
                {
                    var reader = new ByteReader(bytes);
                    codec.ReadAll(ref reader, copies);
                    return copies;
                };
            }, static (pairs, copies) => pairs.AsSpan().SequenceEqual((((string, int)[])copies))),
            ByHand(Pairs, pairs, HandWritten.WritePairs, static reader => HandWritten.ReadPairs(reader, Pairs)),
            Json(Pairs, json, SerializationJson.Default.JsonPairArray),
        ]);
    }

    private static SerializationContest RecordContest()
    {
        var record = new EightFields(17, 1, 123_456, "executor-7", "10.0.0.12", 40_123, true, 1.25);
        var codec = Codec.For<EightFields>();
        return new SerializationContest("serialization.record8", Usual, 0,
        [
            Ours(1, record, (writer, record) => codec.Write(writer, record), bytes => () =>
            {
                var reader = new ByteReader(bytes);
                return codec.Read(ref reader);
            }, static (record, copy) => record.Equals(copy)),
            ByHand(1, record, HandWritten.Write, HandWritten.ReadRecord),
            Json(1, record, SerializationJson.Default.EightFields),
        ]);
    }

    private static SerializationContest LongsContest()
    {
        var longs = new long[Longs];
        for (var i = 0; i < longs.Length; i++) longs[i] = i * 1_234_567L;
        var codec = Codec.For<long>();
        return new SerializationContest("serialization.longs", Usual, Longs * sizeof(long),
        [
            Ours(1, longs, (writer, longs) => codec.WriteAll(writer, longs), bytes =>
            {
                var copies = new long[Longs];
                return () =>
                {
                    var reader = new ByteReader(bytes);
                    codec.ReadAll(ref reader, copies);
                    return copies;
                };
            }, static (longs, copies) => longs.AsSpan().SequenceEqual((long[])copies)),
            Memcpy(longs),
            ByHand(1, longs, HandWritten.Write, static reader => HandWritten.ReadLongs(reader, Longs)),
            Json(1, longs, SerializationJson.Default.Int64Array),
        ]);
    }

    /// <summary>Sparkish's side: a buffer that is used again, as those of shuffles and connections are.</summary>
    internal static SerializationSide Ours<T>(
        int objects, T value, Action<ByteWriter, T> write, Func<byte[], Func<object>> makeRead, Func<T, object, bool> same)
    {
        var writer = new ByteWriter(1 << 20);
        write(writer, value);
        var bytes = writer.ToArray();
        var read = makeRead(bytes);
        if (!same(value, read())) throw new SparkException($"Sparkish reads another {typeof(T)} than it wrote.");
        return new SerializationSide("", "sparkish", new SerializationLoad(objects, () =>
        {
            writer.Clear();
            write(writer, value);
            return writer;
        }), new SerializationLoad(objects, read), (double)bytes.Length / objects);
    }

    internal static SerializationSide Json<T>(int objects, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1 << 22);
        var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = type.Options.MaxDepth, SkipValidation = true });
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        return new SerializationSide(JsonSuffix, JsonName, new SerializationLoad(objects, () =>
        {
            buffer.ResetWrittenCount();
            writer.Reset(buffer);
            JsonSerializer.Serialize(writer, value, type);
            return buffer;
        }), new SerializationLoad(objects, () => JsonSerializer.Deserialize(bytes, type)!), (double)bytes.Length / objects);
    }

    private static SerializationSide ByHand<T>(int objects, T value, Action<BinaryWriter, T> write, Func<BinaryReader, object> read)
    {
        var written = new MemoryStream(1 << 20);
        var writer = new BinaryWriter(written, Encoding.UTF8);
        write(writer, value);
        var stored = new MemoryStream(written.ToArray());
        var reader = new BinaryReader(stored, Encoding.UTF8);
        return new SerializationSide(WriterSuffix, WriterName, new SerializationLoad(objects, () =>
        {
            written.Position = 0;
            write(writer, value);
            return written;
        }), new SerializationLoad(objects, () =>
        {
            stored.Position = 0;
            return read(reader);
        }), (double)stored.Length / objects);
    }

    private static SerializationSide Memcpy(long[] longs)
    {
        var copy = new long[longs.Length];
        var load = new SerializationLoad(1, () =>
        {
            longs.AsSpan().CopyTo(copy);
            return copy;
        });
        return new SerializationSide(".memcpy", "memcpy", load, load, longs.Length * sizeof(long));
    }
}
