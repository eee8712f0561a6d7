#pragma warning disable NUnit1027 // FsCheck supplies the arguments of properties
using FsCheck;

namespace Sparkish.Tests.Architecture;

internal sealed class NamespaceGraphTests
{
    [Test]
    public void A_cycle_is_found_as_the_path_of_its_edges()
    {
        var graph = new NamespaceGraph([Edge("A", "B"), Edge("B", "C"), Edge("C", "D"), Edge("D", "B"), Edge("A", "D")]);

        var cycle = graph.ShortestCycle();

        Assert.That(cycle, Is.EqualTo(new[] { Edge("B", "C"), Edge("C", "D"), Edge("D", "B") }));
    }

    [Test]
    public void Of_two_cycles_the_shorter_is_shown()
    {
        var graph = new NamespaceGraph([Edge("A", "B"), Edge("B", "C"), Edge("C", "A"), Edge("X", "Y"), Edge("Y", "X")]);

        Assert.That(graph.ShortestCycle(), Is.EqualTo(new[] { Edge("X", "Y"), Edge("Y", "X") }));
    }

    [Test]
    public void A_namespace_that_uses_itself_is_no_cycle() => Assert.That(new NamespaceGraph([Edge("A", "A")]).ShortestCycle(), Is.Empty);

    [FsCheck.NUnit.Property]
    public bool Edges_that_all_lead_upwards_make_no_cycle(NonEmptyArray<(byte From, byte To)> pairs) =>
        new NamespaceGraph(Upwards(pairs)).ShortestCycle().Count == 0;

    [FsCheck.NUnit.Property]
    public bool An_edge_back_makes_a_cycle_that_closes(NonEmptyArray<(byte From, byte To)> pairs)
    {
        var edges = Upwards(pairs);
        if (edges.Length == 0) return true;
        var back = Edge(edges[0].ToNamespace, edges[0].FromNamespace);

        var cycle = new NamespaceGraph([.. edges, back]).ShortestCycle();

        return cycle.Count == 2 && cycle.Contains(back)
            && cycle.Index().All(e => string.Equals(e.Item.ToNamespace, cycle[(e.Index + 1) % cycle.Count].FromNamespace, StringComparison.Ordinal));
    }

    private static TypeReference[] Upwards(NonEmptyArray<(byte From, byte To)> pairs) =>
        [.. pairs.Get.Where(pair => pair.From < pair.To).Select(pair => Edge($"N{pair.From:D3}", $"N{pair.To:D3}"))];

    private static TypeReference Edge(string from, string to) => new(from, "A" + from, to, "A" + to);
}
