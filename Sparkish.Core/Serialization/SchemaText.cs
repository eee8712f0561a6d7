using System.Runtime.CompilerServices;
using System.Text;

namespace Sparkish.Serialization;

/// <summary>
/// Composes the text of a schema. A recursive type is referred to by its number (<c>#0</c> is the first record), and so is a type that was already described
/// and needs more than a name. So the text is bounded and does not depend on the names of types.
/// </summary>
internal sealed class SchemaText
{
    private readonly StringBuilder _text = new();
    private readonly Dictionary<object, int> _known = [];

    public static string Of(IDescribedCodec codec)
    {
        var text = new SchemaText();
        codec.Describe(text);
        return text._text.ToString();
    }

    /// <summary>FNV-1a of 64 bits over the UTF-16 units of a schema: the same in every process and version.</summary>
    public static ulong Fingerprint(string schema)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in schema)
        {
            hash = (hash ^ (byte)unit) * 1099511628211UL;
            hash = (hash ^ (byte)(unit >> 8)) * 1099511628211UL;
        }

        return hash;
    }

    public SchemaText Append(string text)
    {
        _text.Append(text);
        return this;
    }

    public SchemaText Append(IDescribedCodec codec)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializationException("A type that holds itself with ever larger type arguments has no schema.");
        codec.Describe(this);
        return this;
    }

    /// <summary>Whether a record occurs for the first time; if not, its number is appended.</summary>
    public bool IsFirst(object record)
    {
        if (_known.TryGetValue(record, out var number))
        {
            _text.Append('#').Append(number);
            return false;
        }

        _known.Add(record, _known.Count);
        return true;
    }
}
