using Sparkish.Serialization;

namespace Sparkish.Tests.Serialization;

/// <summary>What holds for every typed codec: what is written is read, and bytes that are not such a value end in the serializer's own error.</summary>
public sealed class CodecProperties
{
    [FsCheck.NUnit.Property(MaxTest = 20)]
    public void Every_corrupt_byte_is_an_error_or_a_value(string? name, int number, decimal amount, DateTime when, string[] texts, double[] numbers)
    {
        var row = new Wide(new Pixel(number, 1), new Padded(1, number, IsSet: true, amount),
            (name, number), when, new Student("s", 1, "t"), DayOfWeek.Friday, Guid.Empty, 'c');
        HandleCorrupt(row);
        HandleCorrupt((name, number, amount));
        HandleCorrupt(new Dictionary<string, string?[]>(StringComparer.OrdinalIgnoreCase) { ["k"] = texts });
        HandleCorrupt(new SortedDictionary<int, double[]> { [number] = numbers });
        HandleCorrupt(new HashSet<string>(texts.Take(3), StringComparer.Ordinal));
        HandleCorrupt(new[] { new Versions.New("n", number), null });
        HandleCorrupt(new[,] { { number, 2 }, { 3, 4 } });
        HandleCorrupt(new Settable { Name = name, When = when });
    }

    [FsCheck.NUnit.Property]
    public bool Random_bytes_are_an_error_or_a_value(byte[] bytes) =>
        Handles<Wide>(bytes) && Handles<Person>(bytes) && Handles<Account>(bytes) && Handles<Versions.New>(bytes) && Handles<(string, int?, bool)[]>(bytes)
        && Handles<LinkedList<string>>(bytes) && Handles<Stack<DateTimeOffset>>(bytes) && Handles<decimal[,]>(bytes) && Handles<Chain>(bytes);

    [FsCheck.NUnit.Property]
    public bool One_by_one_and_all_at_once_are_the_same_bytes((string?, int, DateTime?)[] rows)
    {
        var codec = Codec.For<(string?, int, DateTime?)>();
        var (one, all) = (new ByteWriter(), new ByteWriter());
        foreach (var row in rows) codec.Write(one, row);
        codec.WriteAll(all, rows);
        var reader = new ByteReader(all.WrittenSpan);
        foreach (var row in rows)
        {
            if (codec.Read(ref reader) != row) return false;
        }

        return one.WrittenSpan.SequenceEqual(all.WrittenSpan) && reader.Remaining == 0;
    }

    private static void HandleCorrupt<T>(T value)
    {
        var bytes = CodecTests.Bytes(value);
        for (var i = 0; i < Math.Min(bytes.Length, 200); i++)
        {
            foreach (var wrong in new byte[] { 0, 1, 2, 3, 127, 128, 255, (byte)(bytes[i] ^ 1), (byte)(bytes[i] ^ 128) })
            {
                var corrupt = (byte[])bytes.Clone();
                corrupt[i] = wrong;
                Assert.That(Handles<T>(corrupt));
            }

            Assert.That(Handles<T>(bytes[..i]));
        }
    }

    private static bool Handles<T>(byte[] bytes)
    {
        try
        {
            CodecTests.Read<T>(bytes, CodecTests.User);
            return true;
        }
        catch (SerializationException)
        {
            return true;
        }
    }

    private sealed class Settable
    {
        public string? Name { get; set; }

        public DateTime? When { get; set; }

        public List<Settable>? Parts { get; set; }
    }
}
