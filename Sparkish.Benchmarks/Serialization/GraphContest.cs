using System.Text.Json;
using System.Text.Json.Serialization;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>A graph of a thousand nodes that share others, and whose ends meet; System.Text.Json keeps references, too, when it is told to.</summary>
internal static class GraphContest
{
    private const int Nodes = 1000;
    private const int LinksEach = 2;

    public static SerializationContest Make()
    {
        var graph = MakeGraph();
        var context = new SerializationContext { Types = TypeBinder.Application };
        var options = new JsonSerializerOptions { ReferenceHandler = ReferenceHandler.Preserve, MaxDepth = 2 * Nodes };
        var json = (System.Text.Json.Serialization.Metadata.JsonTypeInfo<GraphNode>)new SerializationJson(options).GetTypeInfo(typeof(GraphNode))!;
        return new SerializationContest("serialization.graph1000", ("write", "read"), 0,
        [
            SerializationContests.Ours(1, graph, static (writer, graph) => ObjectSerializer.Write(writer, graph),
                bytes => () => ObjectSerializer.Deserialize<GraphNode>(bytes, context), static (graph, copy) => IsSame(graph, (GraphNode)copy)),
            SerializationContests.Json(1, graph, json),
        ]);
    }

    // Links lead back to nodes of the ring that came before, so that depth does not grow with them.
    private static GraphNode MakeGraph()
    {
        var nodes = Enumerable.Range(0, Nodes).Select(static i => new GraphNode { Number = i, Name = $"node {i}" }).ToArray();
        for (var i = 0; i < Nodes; i++)
        {
            nodes[i].Next = nodes[(i + 1) % Nodes];
            for (var link = 1; link <= LinksEach; link++) nodes[i].Links.Add(nodes[i / (link + 1)]);
        }

        return nodes[0];
    }

    private static bool IsSame(GraphNode graph, GraphNode copy)
    {
        var (left, right) = (graph, copy);
        for (var i = 0; i < Nodes; i++)
        {
            if (left.Number != right.Number || left.Name != right.Name || left.Links.Count != right.Links.Count) return false;
            for (var link = 0; link < LinksEach; link++)
            {
                if (left.Links[link].Number != right.Links[link].Number) return false;
            }

            (left, right) = (left.Next!, right.Next!);
        }

        return ReferenceEquals(right, copy);
    }
}
