#pragma warning disable MA0048 // the rows of one benchmark
using System.Text.Json.Serialization;

namespace Sparkish.Benchmarks.Serialization;

/// <summary>A record of eight fields, as those of a scheduler or a log are.</summary>
internal sealed record EightFields(int Stage, int Attempt, long Task, string Executor, string Host, int Port, bool IsLast, double Seconds);

/// <summary>A pair as JSON has it: tuples have no names there.</summary>
internal readonly record struct JsonPair(string Key, int Value);

/// <summary>A node of a graph with sharing and cycles.</summary>
internal sealed class GraphNode
{
    public int Number { get; set; }

    public string Name { get; set; } = "";

    public GraphNode? Next { get; set; }

    public List<GraphNode> Links { get; set; } = [];
}

/// <summary>The types as System.Text.Json's generator sees them.</summary>
[JsonSerializable(typeof(EightFields))]
[JsonSerializable(typeof(JsonPair[]))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(GraphNode))]
internal sealed partial class SerializationJson : JsonSerializerContext;
