#pragma warning disable NUnit1027 // FsCheck supplies the arguments of properties
#pragma warning disable CA5394 // the changes are random, not secret
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Serialization;
using Sparkish.Tests.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>Bytes that nobody wrote: they end in the serializer's exception or in a value, and take no more memory than they may.</summary>
public sealed class ObjectGraphCorruption
{
    private const long MaxSize = 1 << 20;

    private static readonly SerializationContext Small = new() { Types = TypeBinder.Application, Limits = new SerializationLimits(200, MaxSize) };

    public static long Worst;
    public static string WorstOf = "";

    [FsCheck.NUnit.Property(MaxTest = 2_000)]
    public Property Random_bytes_end_well() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        foreach (var tag in Enum.GetValues<NodeTag>()) Read([(byte)tag, .. bytes]);
        Read(bytes);
    });

    [FsCheck.NUnit.Property(MaxTest = 1_500)]
    public Property Random_changes_end_well() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var valid = Serialized(new GraphBuilder(seed, random.Next(1, 40)).Next());
        for (var round = 0; round < 20; round++)
        {
            var bytes = (byte[])valid.Clone();
            for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(random.Next(1, 257));
            Read(bytes);
        }

        Read([.. valid[..random.Next(valid.Length)], .. valid[random.Next(valid.Length)..]]);
    });

    [Test]
    public void Every_changed_byte_ends_well()
    {
        for (var kind = 0; kind < GraphBuilder.Kinds; kind++)
        {
            var valid = Serialized(new GraphBuilder(seed: kind, size: 2).Make(kind));
            Read(valid);
            for (var at = 0; at < valid.Length; at++)
            {
                foreach (var value in valid.Length <= 40 ? Enumerable.Range(0, 256) : [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, valid[at] ^ 1, valid[at] ^ 0x80, valid[at] + 1])
                {
                    var bytes = (byte[])valid.Clone();
                    bytes[at] = (byte)value;
                    Read(bytes);
                }

                if (valid.Length <= 400) Read(valid[..at]);
            }
        }
        TestContext.Out.WriteLine($"{Worst} {WorstOf}");
    }

    private static byte[] Serialized(object? graph) => ObjectSerializer.Serialize(graph);

    private static void Read(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        string o;
        try
        {
            o = ObjectSerializer.Deserialize<object?>(bytes, Small)?.GetType().ToString() ?? "null";
        }
        catch (SerializationException e)
        {
            o = e.Message;
        }

        var taken = GC.GetAllocatedBytesForCurrentThread() - before - 256 * bytes.Length;
        if (taken > Worst)
        {
            Worst = taken;
            WorstOf = bytes.Length + " " + taken + " " + o;
            Console.WriteLine(WorstOf);
        }
    }
}
