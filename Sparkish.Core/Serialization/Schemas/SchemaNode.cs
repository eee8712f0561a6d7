namespace Sparkish.Serialization.Schemas;

/// <summary>A part of a schema: the encoding of a value, without .NET types. Records refer to themselves, so nodes may form cycles.</summary>
internal abstract class SchemaNode
{
    /// <summary>Skips a value.</summary>
    /// <exception cref="SerializationException">The bytes are not such a value, or the schema does not define its end.</exception>
    public abstract void Skip(ref SchemaInput input);

    /// <summary>The path to a part without a fixed schema; null if every part has one.</summary>
    public string? FindGraph() => FindGraph([], "");

    protected virtual string? FindGraph(HashSet<SchemaNode> seen, string path) => null;

    protected static string? FindGraph(SchemaNode node, HashSet<SchemaNode> seen, string path) => node.FindGraph(seen, path);
}

/// <summary>A number under the name of an enum.</summary>
internal sealed class EnumNode(string name, FixedNode underlying) : SchemaNode
{
    public FixedNode Underlying => underlying;

    public override void Skip(ref SchemaInput input) => underlying.Skip(ref input);

    public override string ToString() => $"{name}({underlying})";
}

/// <summary>A text, or null.</summary>
internal sealed class TextNode : SchemaNode
{
    public override void Skip(ref SchemaInput input)
    {
        if (input.ReadCount() is > 1 and var count) input.Take(count - 1);
    }

    public override string ToString() => "string";
}

/// <summary>A byte that says whether a value follows.</summary>
internal sealed class NullableNode(SchemaNode value) : SchemaNode
{
    public SchemaNode Value => value;

    public override void Skip(ref SchemaInput input)
    {
        if (input.ReadPresence()) value.Skip(ref input);
    }

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) => FindGraph(value, seen, path);

    public override string ToString() => $"{value}?";
}

/// <summary>A value of the framework that is written as another one, after a presence byte.</summary>
internal sealed class SurrogateNode(string name, SchemaNode state) : SchemaNode
{
    public string Name => name;

    public SchemaNode State => state;

    public override void Skip(ref SchemaInput input)
    {
        if (input.ReadPresence()) state.Skip(ref input);
    }

    public override string ToString() => name;
}

/// <summary>A ref to an endpoint, or null.</summary>
internal sealed class EndpointRefNode : SchemaNode
{
    /// <summary>The output of its codec, which writes host, port, name and incarnation.</summary>
    public const string Schema = "Sparkish.Rpc.RpcEndpointRefCodec, Sparkish.Core";

    public override void Skip(ref SchemaInput input) => Read(ref input);

    public static (string Host, int Port, string? Name)? Read(ref SchemaInput input)
    {
        if (input.ReadString() is not { } host) return null;
        var (port, name) = (input.ReadCount(), input.ReadString());
        input.Take(sizeof(long));
        return (host, port, name);
    }

    public override string ToString() => "RpcEndpointRef";
}

/// <summary>The output of an application's codec, or a graph of objects: only the type can determine its end.</summary>
internal sealed class OpaqueNode(string text) : SchemaNode
{
    private const string GraphPrefix = "graph of ";

    public string Text => text;

    public override void Skip(ref SchemaInput input) =>
        throw new SerializationException($"A value of '{text}' can be read only as the type that was written.");

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) =>
        text.StartsWith(GraphPrefix, StringComparison.Ordinal) ? $"{path}: {text[GraphPrefix.Length..]}" : null;

    public override string ToString() => text;
}
