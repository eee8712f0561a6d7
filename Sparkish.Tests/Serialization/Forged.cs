using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Serialization;

/// <summary>Graphs that our own writer would refuse to write, byte for byte.</summary>
internal sealed class Forged
{
    private readonly ByteWriter _output = new();
    private readonly TypeTableWriter _types = new();

    public static byte[] Graph(Action<Forged> write)
    {
        var graph = new Forged();
        write(graph);
        return graph._output.ToArray();
    }

    public Forged Tag(NodeTag tag) => Raw((byte)tag);

    public Forged Type(Type type)
    {
        _types.Write(_output, type);
        return this;
    }

    /// <summary>A type by a name that may be anything.</summary>
    public Forged TypeNamed(string assembly, string name)
    {
        Raw(0, 0, 0);
        _output.WriteString(assembly);
        _output.WriteString(name);
        return this;
    }

    public Forged Object(Type type) => Tag(NodeTag.Object).Type(type);

    /// <summary>An object by fields, in whatever shape; the fields' values follow.</summary>
    public Forged Fields(Type type, params string[] references) => Tag(NodeTag.Fields).Type(type).Shape(references);

    public Forged Shape(params string[] references)
    {
        byte[] description = [.. references.SelectMany(name => System.Text.Encoding.UTF8.GetBytes(name).Append((byte)SlotKind.Reference))];
        _output.WriteCount(description.Length);
        return Raw(description);
    }

    public Forged Text(string text)
    {
        Object(typeof(string));
        _output.WriteString(text);
        return this;
    }

    /// <summary>An exception without a cause, and the graph of its fields.</summary>
    public Forged Exception(Type type, string message, byte[] fields)
    {
        Tag(NodeTag.Exception);
        _output.WriteString(type.FullName);
        Type(type);
        _output.WriteString(message);
        _output.WriteString(null);
        _output.WriteString(null);
        Raw(0, 0, 0, 0).Tag(NodeTag.Null);
        _output.WriteNullableCount(fields.Length);
        return Raw(fields);
    }

    /// <summary>A value as its codec writes it.</summary>
    public Forged Value<T>(T value)
    {
        Codec.For<T>().Write(_output, value);
        return this;
    }

    public Forged Count(int count)
    {
        _output.WriteCount(count);
        return this;
    }

    /// <summary>A delegate without a target to a framework's method.</summary>
    public Forged Delegate(Type type, Type declaring, string method, params Type[] parameters)
    {
        Object(type).Raw(0).Type(declaring);
        _output.WriteString(method);
        Count(parameters.Length);
        foreach (var parameter in parameters) Type(parameter);
        return Count(0);
    }

    public Forged Raw(params byte[] bytes)
    {
        _output.WriteRaw(bytes);
        return this;
    }
}
