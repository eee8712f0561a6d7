#pragma warning disable MA0048 // a case is a part of the union
namespace Sparkish.Serialization.Schemas;

/// <summary>A case of a union.</summary>
internal sealed record CaseNode(string Name, IReadOnlyList<MemberNode> Fields);

/// <summary>One of several cases: its number from 1 on, then its fields; 0 is null.</summary>
internal sealed class UnionNode : SchemaNode
{
    private readonly List<CaseNode> _cases = [];

    public IReadOnlyList<CaseNode> Cases => _cases;

    public void Add(CaseNode unionCase) => _cases.Add(unionCase);

    /// <summary>Reads the number of the case; -1 for null.</summary>
    public int ReadCase(ref SchemaInput input)
    {
        var number = input.ReadCount() - 1;
        return number < _cases.Count ? number : throw new SerializationException($"{number + 1} is not a case of {this}.");
    }

    public override void Skip(ref SchemaInput input)
    {
        input.Enter();
        if (ReadCase(ref input) is >= 0 and var number)
        {
            foreach (var field in _cases[number].Fields) field.Value.Skip(ref input);
        }

        input.Leave();
    }

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) => seen.Add(this)
        ? _cases.SelectMany(static unionCase => unionCase.Fields, (unionCase, field) => FindGraph(field.Value, seen, $"{path}.{unionCase.Name}.{field.Name}"))
            .FirstOrDefault(static found => found is not null)
        : null;

    public override string ToString() => $"union ({string.Join(", ", _cases.Select(static unionCase => unionCase.Name))})";
}
