using FsCheck;
using FsCheck.Fluent;
using Sparkish.Serialization.Graphs;
using Sparkish.Tests.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

public sealed class ObjectGraphProperties
{
    private static readonly Arbitrary<(int Seed, int Size)> Graphs =
        Gen.Choose(0, int.MaxValue).SelectMany(seed => Gen.Choose(1, 60).Select(size => (seed, size))).ToArbitrary();

    [FsCheck.NUnit.Property(MaxTest = 3_000)]
    public Property A_graph_that_was_read_has_the_shape_of_the_one_written() => Prop.ForAll(Graphs, graph =>
    {
        var root = new GraphBuilder(graph.Seed, graph.Size).Next();

        var difference = DifferenceOf(root);

        // A few graphs have an immutable collection that is written before what it is in itself.
        var isCycle = difference?.Contains("is part of a cycle", StringComparison.Ordinal) == true;
        return (difference is null || isCycle).Label(difference ?? "").Classify(isCycle, "refused for a cycle of immutable collections");
    });

    [Test]
    public void Each_kind_of_object_is_read_as_it_was_written([Range(0, 9)] int round)
    {
        using (Assert.EnterMultipleScope())
        {
            for (var kind = 0; kind < GraphBuilder.Kinds; kind++)
            {
                var root = new GraphBuilder(seed: round, size: 8).Make(kind);
                Assert.That(DifferenceOf(root), Is.Null, $"kind {kind}, a {root?.GetType()}");
            }
        }
    }

    private static string? DifferenceOf(object? root)
    {
        try
        {
            return GraphIsomorphism.Difference(root, Copy(root));
        }
        catch (SerializationException e)
        {
            return e.ToString();
        }
    }

    private static object? Copy(object? graph) => ObjectSerializer.Deserialize<object?>(ObjectSerializer.Serialize(graph), CodecTests.User);
}
