using FsCheck;
using FsCheck.Fluent;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;
using Sparkish.Tests.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>Bytes that nobody wrote: they end in the serializer's exception or in a value, and take no more memory than they may.</summary>
public sealed class ObjectGraphCorruption
{
    private const long MaxSize = 1 << 20;

    // What is taken besides what the limit counts: the objects that the input's own bytes make, and the error.
    private const int Smallest = 64;
    private const int BytesPerByte = 256;
    private const int BytesOfError = 200_000;

    // Assemblies that do not exist are told at once, since looking for them takes long.
    private static readonly HashSet<string> Present =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => Path.GetFileNameWithoutExtension(path))];

    private static readonly SerializationContext Small = new()
    {
        Types = new TypeBinder(name => Present.Contains(name.Name!) ? System.Reflection.Assembly.Load(name) : null),
        Limits = new SerializationLimits(MaxDepth: 200, MaxSize),
    };

    [FsCheck.NUnit.Property(MaxTest = 2_000)]
    public Property Random_bytes_end_in_the_serializers_error_or_a_value() => Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);

        return Enum.GetValues<NodeTag>().All(tag => EndsWell([(byte)tag, .. bytes])) && EndsWell(bytes);
    });

    [FsCheck.NUnit.Property(MaxTest = 1_500)]
    public Property Random_changes_of_a_graph_end_in_the_serializers_error_or_a_value() => Prop.ForAll(Seeds(), seed =>
    {
        var random = new Random(seed);
        var valid = Graph(random);

        return Enumerable.Range(0, 20).All(_ => EndsWell(Changed(valid, random)))
            && EndsWell([.. valid[..random.Next(valid.Length)], .. valid[random.Next(valid.Length)..]]);
    });

    [Test]
    public void Every_changed_byte_ends_in_the_serializers_error_or_a_value()
    {
        for (var kind = 0; kind < GraphBuilder.Kinds; kind++)
        {
            var valid = ObjectSerializer.Serialize(new GraphBuilder(seed: kind, size: 2).Make(kind));
            Assert.That(EndsWell(valid));
            for (var at = 0; at < valid.Length; at++)
            {
                foreach (var value in valid.Length <= Smallest ? Enumerable.Range(0, 256) : [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, valid[at] ^ 1, valid[at] + 1])
                {
                    var bytes = (byte[])valid.Clone();
                    bytes[at] = (byte)value;
                    Assert.That(EndsWell(bytes), $"kind {kind}, byte {at} is {(byte)value}");
                }

                Assert.That(EndsWell(valid[..at]), $"kind {kind}, {at} bytes");
            }
        }
    }

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue).ToArbitrary();

    // A few graphs have an immutable collection that is written before what it is in itself, which is refused: the next one, then.
    private static byte[] Graph(Random random)
    {
        while (true)
        {
            try
            {
                return ObjectSerializer.Serialize(new GraphBuilder(random.Next(), random.Next(1, 40)).Next());
            }
            catch (SerializationException e) when (e.Message.Contains("is part of a cycle", StringComparison.Ordinal))
            {
                TestContext.Out.WriteLine(e.Message);
            }
        }
    }

    private static byte[] Changed(byte[] valid, Random random)
    {
        var bytes = (byte[])valid.Clone();
        for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(random.Next(1, 257));
        return bytes;
    }

    /// <summary>Whether bytes are a value or the serializer's error; any other exception goes on. More memory than allowed fails the test.</summary>
    private static bool EndsWell(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ObjectSerializer.Deserialize<object?>(bytes, Small);
        }
        catch (SerializationException)
        {
            // The usual end.
        }

        var taken = GC.GetAllocatedBytesForCurrentThread() - before;
        return taken <= MaxSize + (BytesPerByte * bytes.Length) + BytesOfError;
    }
}
