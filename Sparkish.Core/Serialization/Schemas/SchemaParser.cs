using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Rows;

namespace Sparkish.Serialization.Schemas;

/// <summary>
/// Parses the text of a schema as composed by <see cref="SchemaText"/>. The text of an application's codec may be anything: it ends where the surrounding text
/// can continue, as far as its brackets are balanced.
/// </summary>
internal sealed class SchemaParser
{
    private const int MaxDepth = 500;
    private const int MaxRank = 32;

    private static readonly SearchValues<char> Delimiters = SearchValues.Create("(),[]?: ");

    private readonly string _text;
    // Classes and unions; later occurrences are replaced by their numbers.
    private readonly List<SchemaNode> _numbered = [];
    private int _at;
    private int _depth;

    private SchemaParser(string text) => _text = text;

    /// <exception cref="SerializationException">The text is not a schema; the message gives the position.</exception>
    public static SchemaNode Parse(string text)
    {
        if (text.Length > RowFormat.MaxSchemaBytes) throw new SerializationException($"A schema of {text.Length} characters is too long.");
        var parser = new SchemaParser(text);
        var node = parser.Node(inRecord: false);
        return parser._at == text.Length ? node : throw parser.Unexpected();
    }

    private SchemaNode Node(bool inRecord)
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializationException($"A schema nests more than {MaxDepth} levels deep.");
        var node = Unit(inRecord);
        while (TryTake("?")) node = new NullableNode(node);
        _depth--;
        return node;
    }

    private SchemaNode Unit(bool inRecord)
    {
        if (TryTake("#")) return Numbered(Number());
        if (TryTake("[")) return Elements();
        if (Prefixed() is { } sequence) return sequence;
        if (TryTake("union (")) return Union();
        if (IsRecord()) return Record();
        return Named(inRecord);
    }

    private SequenceNode? Prefixed()
    {
        if (TryTake("sorted map [")) return Elements(SequenceKind.SortedMap);
        if (TryTake("sorted [")) return Elements(SequenceKind.Sorted);
        if (TryTake("stack [")) return Elements(SequenceKind.Stack);
        if (TryTake("map [")) return Elements(SequenceKind.Map);
        return TryTake("set [") ? Elements(SequenceKind.Set) : null;
    }

    private SequenceNode Elements(SequenceKind kind)
    {
        var element = Node(inRecord: false);
        Take("]");
        return new SequenceNode(kind, element);
    }

    private SchemaNode Elements()
    {
        var element = Node(inRecord: false);
        var rank = 1;
        while (TryTake(",")) rank++;
        Take("]");
        if (rank > MaxRank) throw Unexpected();
        return rank == 1 ? new SequenceNode(SequenceKind.List, element) : new RankNode(element, rank);
    }

    private bool IsRecord() => Rest.StartsWith("(", StringComparison.Ordinal) || Rest.StartsWith("struct (", StringComparison.Ordinal)
        || Rest.StartsWith("open (", StringComparison.Ordinal) || Rest.StartsWith("extensible (", StringComparison.Ordinal)
        || Rest.StartsWith("extensible open (", StringComparison.Ordinal) || Rest.StartsWith("extensible struct (", StringComparison.Ordinal);

    private RecordNode Record()
    {
        var isExtensible = TryTake("extensible ");
        var isOpen = TryTake("open ");
        var isClass = !TryTake("struct ");
        var record = new RecordNode(isClass, isOpen, isExtensible);
        if (isClass) _numbered.Add(record);
        Take("(");
        foreach (var member in Members()) record.Add(member);
        return record;
    }

    private UnionNode Union()
    {
        var union = new UnionNode();
        _numbered.Add(union);
        do
        {
            var end = Rest.IndexOf(" (");
            if (end < 1) throw Unexpected();
            var name = Rest[..end].ToString();
            _at += end + 2;
            union.Add(new CaseNode(name, Members()));
        }
        while (TryTake(", "));

        Take(")");
        return union;
    }

    // The text after an opening bracket, up to the closing one.
    private List<MemberNode> Members()
    {
        var members = new List<MemberNode>();
        if (TryTake(")")) return members;
        do
        {
            members.Add(Member());
        }
        while (TryTake(", "));

        Take(")");
        return members;
    }

    private MemberNode Member()
    {
        var end = Rest.IndexOf(": ");
        if (end < 1) throw Unexpected();
        var name = Rest[..end].ToString();
        _at += end + 2;
        return new MemberNode(name, Node(inRecord: true));
    }

    private SchemaNode Numbered(int number) => number < _numbered.Count ? _numbered[number] : throw Unexpected();

    private SchemaNode Named(bool inRecord)
    {
        var length = Rest.IndexOfAny(Delimiters);
        var name = Rest[..(length < 0 ? Rest.Length : length)].ToString();
        if (IsAt(_at + name.Length, "(") && FixedNode.Find(UnderlyingAt(_at + name.Length)) is { } underlying)
        {
            _at += name.Length + underlying.Name.Length + 2;
            return new EnumNode(name, underlying);
        }

        if (EndsAt(_at + name.Length, inRecord) && Known(name) is { } known)
        {
            _at += name.Length;
            return known;
        }

        return Opaque(inRecord);
    }

    // The text between brackets from a position on, if it is short.
    private string UnderlyingAt(int start)
    {
        var rest = _text.AsSpan(start, Math.Min(_text.Length - start, 16));
        var end = rest.IndexOf(')');
        return end < 0 ? "" : rest[1..end].ToString();
    }

    private static SchemaNode? Known(string name) => name switch
    {
        "string" => new TextNode(),
        "Uri" or "Version" => new SurrogateNode(name, new TextNode()),
        "BigInteger" => new SurrogateNode(name, new SequenceNode(SequenceKind.List, FixedNode.Find("byte")!)),
        _ => FixedNode.Find(name),
    };

    private SchemaNode Opaque(bool inRecord)
    {
        var start = _at;
        for (var depth = 0; _at < _text.Length && (depth > 0 || !EndsAt(_at, inRecord)); _at++)
        {
            if (_text[_at] is '(' or '[') depth++;
            if (_text[_at] is ')' or ']') depth--;
        }

        var text = _text[start.._at];
        if (text.Length == 0) throw Unexpected();
        return text == EndpointRefNode.Schema ? new EndpointRefNode() : new OpaqueNode(text);
    }

    /// <summary>
    /// Whether the text around a value may continue at a position. A comma belongs to a record only if a member follows: names of types contain commas, too.
    /// </summary>
    private bool EndsAt(int at, bool inRecord)
    {
        if (at == _text.Length) return true;
        return _text[at] switch
        {
            ')' or ']' or '?' => true,
            ',' when inRecord => IsMemberAt(at + 1),
            ',' => !IsAt(at + 1, " "),
            _ => false,
        };
    }

    private bool IsMemberAt(int at)
    {
        if (!IsAt(at, " ")) return false;
        var length = _text.AsSpan(at + 1).IndexOfAny(Delimiters);
        return length > 0 && IsAt(at + 1 + length, ": ");
    }

    private int Number()
    {
        var length = Rest.IndexOfAnyExceptInRange('0', '9');
        var digits = Rest[..(length < 0 ? Rest.Length : length)];
        if (!int.TryParse(digits, CultureInfo.InvariantCulture, out var number)) throw Unexpected();
        _at += digits.Length;
        return number;
    }

    private ReadOnlySpan<char> Rest => _text.AsSpan(_at);

    private bool IsAt(int at, string expected) => _text.AsSpan(Math.Min(at, _text.Length)).StartsWith(expected, StringComparison.Ordinal);

    private bool TryTake(string expected)
    {
        if (!IsAt(_at, expected)) return false;
        _at += expected.Length;
        return true;
    }

    private void Take(string expected)
    {
        if (!TryTake(expected)) throw Unexpected();
    }

    private SerializationException Unexpected() =>
        new($"A schema cannot be read at position {_at}: '{_text[Math.Max(0, _at - 20)..Math.Min(_text.Length, _at + 20)]}'.");
}
