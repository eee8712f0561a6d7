namespace Sparkish.Benchmarks.Serialization;

/// <summary>What a careful person writes by hand with the platform's binary writer.</summary>
internal static class HandWritten
{
    public static void WritePairs(BinaryWriter writer, (string Key, int Value)[] pairs)
    {
        foreach (var (key, value) in pairs)
        {
            writer.Write(key);
            writer.Write(value);
        }
    }

    public static object ReadPairs(BinaryReader reader, int count)
    {
        var pairs = new (string Key, int Value)[count];
        foreach (ref var pair in pairs.AsSpan()) pair = (reader.ReadString(), reader.ReadInt32());
        return pairs;
    }

    public static void Write(BinaryWriter writer, EightFields record)
    {
        writer.Write(record.Stage);
        writer.Write(record.Attempt);
        writer.Write(record.Task);
        writer.Write(record.Executor);
        writer.Write(record.Host);
        writer.Write(record.Port);
        writer.Write(record.IsLast);
        writer.Write(record.Seconds);
    }

    public static object ReadRecord(BinaryReader reader) => new EightFields(
        reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadString(),
            reader.ReadString(), reader.ReadInt32(), reader.ReadBoolean(), reader.ReadDouble());

    public static void Write(BinaryWriter writer, long[] longs)
    {
        foreach (var number in longs) writer.Write(number);
    }

    public static object ReadLongs(BinaryReader reader, int count)
    {
        var longs = new long[count];
        for (var i = 0; i < longs.Length; i++) longs[i] = reader.ReadInt64();
        return longs;
    }
}
