using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Serialization;

/// <summary>Changed bytes of gadgets, read where something else is expected: no code that the bytes name may run.</summary>
[NonParallelizable]
public sealed class SideEffectFuzzTests
{
    private const int Seed = 20261;

    // Assemblies that do not exist are told at once, since looking for them takes long.
    private static readonly HashSet<string> Present =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => Path.GetFileNameWithoutExtension(path))];

    private static readonly TypeBinder Binder = new(name => Present.Contains(name.Name!) ? System.Reflection.Assembly.Load(name) : null);

    private static readonly SerializationContext[] Contexts = [ContextOf(Trust.Peer), ContextOf(Trust.Own)];

    /// <summary>How many inputs each build reads; <c>SPARKISH_SEEDS=1000000</c> reads that many.</summary>
    private static int Inputs => RequestedSeeds.Or(20_000);

    [Test]
    public void No_changed_byte_of_a_graph_makes_it_call_anything_before_the_type_of_its_root_is_known()
    {
        var valid = Gadgets.All.Select(gadget => ObjectSerializer.Serialize(gadget)).ToArray();
        var random = new Random(Seed);
        var read = 0;

        var calls = Calls.During(() =>
        {
            for (var i = 0; i < Inputs; i++)
            {
                var bytes = Change(valid, random);
                var context = Contexts[i & 1];
                read += TryRead<NeverWritten>(bytes, context) + TryRead<int[]>(bytes, context);
                read += TryRead<Uri>(bytes, context) + TryRead<Version>(bytes, context);
            }
        });

        Assert.That(calls, Is.Zero);
        Assert.That(read, Is.LessThan(Inputs), "most are refused");
    }

    [Test]
    public void No_changed_byte_of_an_exception_of_a_peer_makes_it_call_anything()
    {
        var valid = Gadgets.All.Select(gadget =>
            ObjectSerializer.Serialize(new GadgetException("failed", new AggregateException(new GadgetException("cause"))) { Attached = gadget })).ToArray();
        var random = new Random(Seed + 1);
        var read = 0;

        var calls = Calls.During(() =>
        {
            for (var i = 0; i < Inputs / 10; i++) read += TryRead<Exception>(Change(valid, random), Contexts[0]);
        });

        Assert.That(calls, Is.Zero);
        Assert.That(read, Is.Positive, "some are still exceptions");
    }

    [Test]
    public void No_changed_byte_of_a_row_makes_it_call_what_its_type_does_not_name()
    {
        var codec = Codec.For<Row>();
        var valid = Gadgets.All.Select((gadget, index) => WrittenWith(codec, gadget, index)).ToArray();
        var random = new Random(Seed + 2);
        var read = 0;

        var calls = Calls.During(() =>
        {
            for (var i = 0; i < Inputs / 4; i++)
            {
                try
                {
                    var reader = new ByteReader(Change(valid, random), Contexts[i & 1]);
                    codec.Read(ref reader);
                    read++;
                }
                catch (SerializationException)
                {
                    // as it should
                }
            }
        });

        Assert.That(calls, Is.Zero);
        Assert.That(read, Is.Positive, "some are still rows");
    }

    private static SerializationContext ContextOf(Trust trust) => new() { Types = Binder, Trust = trust, Limits = new SerializationLimits(200, 1 << 20) };

    // The graph of a gadget stands where one of another type is expected.
    private static byte[] WrittenWith(Codec<Row> codec, object gadget, int index)
    {
        var writer = new ByteWriter();
        codec.Write(writer, new Row { Number = 1, Text = "text" });
        var row = writer.ToArray();
        var nulls = Enumerable.Range(0, row.Length).Where(at => row[at] == (byte)NodeTag.Null).ToArray();
        var place = nulls[index % nulls.Length];
        return [.. row[..place], .. ObjectSerializer.Serialize(gadget), .. row[(place + 1)..]];
    }

    private static int TryRead<T>(byte[] bytes, SerializationContext context)
    {
        try
        {
            ObjectSerializer.Deserialize<T>(bytes, context);
            return 1;
        }
        catch (SerializationException)
        {
            return 0;
        }
    }

    private static byte[] Change(byte[][] valid, Random random)
    {
        var bytes = (byte[])valid[random.Next(valid.Length)].Clone();
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(5) switch
            {
                0 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                1 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(4))..], 0],
                2 => Spliced(bytes, at, valid[random.Next(valid.Length)], random),
                3 => Put(bytes, at, (byte)random.Next(9)),
                _ => Put(bytes, at, (byte)random.Next(256)),
            };
        }

        return bytes;
    }

    private static byte[] Put(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }

    private static byte[] Spliced(byte[] bytes, int at, byte[] other, Random random) => [.. bytes[..at], .. other[random.Next(other.Length)..]];

    /// <summary>A type that no input names.</summary>
    private sealed class NeverWritten
    {
        public int Number { get; init; }
    }

    private abstract class NeverWrittenBase
    {
        public int Number { get; init; }
    }

    private sealed class Row
    {
        public int Number { get; init; }

        public NeverWrittenBase? Abstract { get; init; }

        public string? Text { get; init; }

        public IFormatProvider? Provider { get; init; }

        public NeverWrittenBase?[] Many { get; init; } = [null];
    }
}
