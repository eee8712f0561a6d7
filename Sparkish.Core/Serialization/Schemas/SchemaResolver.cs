namespace Sparkish.Serialization.Schemas;

/// <summary>
/// Determines how values of a stored schema are converted to the current version of a type. Members are matched by name or former name; new ones get their
/// default, removed ones are skipped, numbers are widened. An impossible conversion is an error with the path to it.
/// </summary>
internal sealed class SchemaResolver
{
    private readonly Dictionary<(RecordNode From, RecordNode To), RecordTranscoding> _records = [];
    private readonly Dictionary<(UnionNode From, UnionNode To), UnionTranscoding> _unions = [];

    /// <param name="from">The stored schema.</param>
    /// <param name="to">The current schema.</param>
    /// <param name="type">The current type.</param>
    /// <param name="path">The path of the value.</param>
    /// <exception cref="SerializationException">The conversion is impossible.</exception>
    public Transcoding Resolve(SchemaNode from, SchemaNode to, Type type, string path) => (from, to) switch
    {
        (OpaqueNode a, OpaqueNode b) when a.Text == b.Text => new CopyByCodecTranscoding(DeclaredType.ReaderOf(type)),
        (EndpointRefNode, EndpointRefNode) or (TextNode, TextNode) => new CopyTranscoding(from),
        (SurrogateNode a, SurrogateNode b) when a.Name == b.Name => new CopyTranscoding(from),
        (NullableNode a, NullableNode b) => new NullableTranscoding(Resolve(a.Value, b.Value, Underlying(type), path)),
        (not NullableNode, NullableNode b) => new ToNullableTranscoding(Resolve(from, b.Value, Underlying(type), path)),
        (FixedNode or EnumNode, FixedNode or EnumNode) => ResolveFixed(from, to, path),
        (SequenceNode a, SequenceNode b) when AreAlike(a.Kind, b.Kind) => ResolveSequence(a, b, type, path),
        (RankNode a, RankNode b) when a.Rank == b.Rank =>
            new RankTranscoding(a, Resolve(a.Element, b.Element, DeclaredType.ElementOf(type, isMap: false), $"{path}[]")),
        (RecordNode a, RecordNode b) => ResolveRecord(a, b, type, path),
        (UnionNode a, UnionNode b) => ResolveUnion(a, b, type, path),
        _ => throw Impossible(from, to, path),
    };

    private static Transcoding ResolveFixed(SchemaNode from, SchemaNode to, string path)
    {
        var (a, b) = (Number(from), Number(to));
        if (a.Kind == b.Kind && a.Name == b.Name) return new CopyTranscoding(a);
        return NumberWidening.IsAllowed(a.Kind, b.Kind) ? new WidenTranscoding(a, b.Kind) : throw Impossible(from, to, path);
    }

    private SequenceTranscoding ResolveSequence(SequenceNode from, SequenceNode to, Type type, string path) =>
        new(from, to, Resolve(from.Element, to.Element, DeclaredType.ElementOf(type, to.IsMap), $"{path}[]"));

    private RecordTranscoding ResolveRecord(RecordNode from, RecordNode to, Type type, string path)
    {
        if (_records.TryGetValue((from, to), out var known)) return known;
        var record = new RecordTranscoding(from, to);
        _records.Add((from, to), record);
        var declared = DeclaredType.MembersOf(type);
        if (!declared.Select(static member => member.Names[0]).SequenceEqual(to.Members.Select(static member => member.Name)))
            throw new SerializationException(
                $"{path} has its own codec, which reads no other version: give the member a new name, or the type a new number.");
        var targets = Match(from, declared);
        var members = new MemberTranscoding[from.Members.Count];
        for (var i = 0; i < members.Length; i++)
        {
            var (stored, target) = (from.Members[i], targets[i]);
            var value = target < 0 ? null : Resolve(stored.Value, to.Members[target].Value, declared[target].Type, $"{path}.{declared[target].Names[0]}");
            members[i] = new MemberTranscoding(stored.Value, target, value);
        }

        record.Set(members, [.. declared.Select((member, i) => targets.Contains(i) ? [] : member.Default())]);
        return record;
    }

    // Cases are matched by name and keep their fields; others may be added.
    private UnionTranscoding ResolveUnion(UnionNode from, UnionNode to, Type type, string path)
    {
        if (_unions.TryGetValue((from, to), out var known)) return known;
        var union = new UnionTranscoding(from);
        _unions.Add((from, to), union);
        var declared = DeclaredType.CasesOf(type);
        union.Set([.. from.Cases.Select(stored => ResolveCase(stored, to, declared, path))]);
        return union;
    }

    private CaseTranscoding ResolveCase(CaseNode stored, UnionNode to, IReadOnlyList<IReadOnlyList<Type>> declared, string path)
    {
        var number = to.Cases.Select(static now => now.Name).ToList().IndexOf(stored.Name);
        if (number < 0 || !to.Cases[number].Fields.Select(static field => field.Name).SequenceEqual(stored.Fields.Select(static field => field.Name)))
            throw new SerializationException(
                $"{path} was stored with the case {stored.Name}, which no longer exists or has other fields: keep the cases of a union, and add new ones.");
        var fields = stored.Fields.Select(
            (field, i) => Resolve(field.Value, to.Cases[number].Fields[i].Value, declared[number][i], $"{path}.{stored.Name}.{field.Name}"));
        return new CaseTranscoding(number, [.. fields]);
    }

    /// <summary>For each stored member the number of the current one, or -1: first by names, then by former names.</summary>
    private static int[] Match(RecordNode from, IReadOnlyList<DeclaredMember> declared)
    {
        var targets = new int[from.Members.Count];
        Array.Fill(targets, -1);
        var most = declared.Select(static member => member.Names.Count).DefaultIfEmpty(0).Max();
        for (var generation = 0; generation < most; generation++)
        {
            for (var to = 0; to < declared.Count; to++)
            {
                if (generation >= declared[to].Names.Count || targets.Contains(to)) continue;
                var name = declared[to].Names[generation];
                for (var i = 0; i < targets.Length; i++)
                {
                    if (targets[i] >= 0 || from.Members[i].Name != name) continue;
                    targets[i] = to;
                    break;
                }
            }
        }

        return targets;
    }

    private static bool AreAlike(SequenceKind from, SequenceKind to) => from == to || (from, to) is
        (SequenceKind.Set or SequenceKind.Sorted, SequenceKind.Set or SequenceKind.Sorted or SequenceKind.List)
        or (SequenceKind.Map or SequenceKind.SortedMap, SequenceKind.Map or SequenceKind.SortedMap);

    private static FixedNode Number(SchemaNode node) => node is EnumNode named ? named.Underlying : (FixedNode)node;

    private static Type Underlying(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static SerializationException Impossible(SchemaNode from, SchemaNode to, string path) => new(
        $"{path} was stored as {from} and is now {to}, to which it cannot be converted: give the member a new name, or the type a new number.");
}
