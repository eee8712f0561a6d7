using FsCheck;
using Sparkish.Architecture;

namespace Sparkish.Tests.Architecture;

internal sealed class FolderGraphTests
{
    [Test]
    public void A_cycle_is_found_as_the_path_of_its_edges()
    {
        var graph = new FolderGraph([Edge("A", "B"), Edge("B", "C"), Edge("C", "D"), Edge("D", "B"), Edge("A", "D")]);

        var cycle = graph.ShortestCycle();

        Assert.That(cycle, Is.EqualTo(new[] { Edge("B", "C"), Edge("C", "D"), Edge("D", "B") }));
    }

    [Test]
    public void Of_two_cycles_the_shorter_is_shown()
    {
        var graph = new FolderGraph([Edge("A", "B"), Edge("B", "C"), Edge("C", "A"), Edge("X", "Y"), Edge("Y", "X")]);

        Assert.That(graph.ShortestCycle(), Is.EqualTo(new[] { Edge("X", "Y"), Edge("Y", "X") }));
    }

    [Test]
    public void A_folder_that_uses_itself_is_no_cycle() => Assert.That(new FolderGraph([Edge("A", "A")]).ShortestCycle(), Is.Empty);

    [Test]
    public void Layers_begin_with_the_folders_that_use_none()
    {
        var graph = new FolderGraph([Edge("A", "B"), Edge("B", "C"), Edge("A", "C"), Edge("D", "C")]);

        Assert.That(graph.Layers(["A", "B", "C", "D", "E"]), Is.EqualTo(new[] { new[] { "C", "E" }, ["B", "D"], ["A"] }));
    }

    [Test]
    public void A_circle_has_no_layers() =>
        Assert.That(() => new FolderGraph([Edge("A", "B"), Edge("B", "A")])
            .Layers(["A", "B"]), Throws.InvalidOperationException.With.Message.Contains("A -> B"));

    [FsCheck.NUnit.Property]
    public bool Edges_that_all_lead_upwards_make_no_cycle(NonEmptyArray<(byte From, byte To)> pairs) =>
        new FolderGraph(Upwards(pairs)).ShortestCycle().Count == 0;

    [FsCheck.NUnit.Property]
    public bool An_edge_back_makes_a_cycle_that_closes(NonEmptyArray<(byte From, byte To)> pairs)
    {
        var edges = Upwards(pairs);
        if (edges.Length == 0) return true;
        var back = Edge(edges[0].ToFolder, edges[0].FromFolder);

        var cycle = new FolderGraph([.. edges, back]).ShortestCycle();

        return cycle.Count == 2 && cycle.Contains(back)
            && cycle.Index().All(e => string.Equals(e.Item.ToFolder, cycle[(e.Index + 1) % cycle.Count].FromFolder, StringComparison.Ordinal));
    }

    private static TypeReference[] Upwards(NonEmptyArray<(byte From, byte To)> pairs) =>
        [.. pairs.Get.Where(pair => pair.From < pair.To).Select(pair => Edge($"N{pair.From:D3}", $"N{pair.To:D3}"))];

    private static TypeReference Edge(string from, string to) => new(from, "A" + from, to, "A" + to);
}
