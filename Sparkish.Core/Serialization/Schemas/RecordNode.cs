#pragma warning disable MA0048 // a member is a part of the record
using Sparkish.Serialization.Rows.Records;

namespace Sparkish.Serialization.Schemas;

/// <summary>A part of a record.</summary>
internal sealed record MemberNode(string Name, SchemaNode Value);

/// <summary>Members one after the other: after a null byte for a class, and after their length for an extensible type.</summary>
internal sealed class RecordNode(bool isClass, bool isOpen, bool isExtensible) : SchemaNode
{
    private readonly List<MemberNode> _members = [];

    public bool IsClass => isClass;

    public bool IsOpen => isOpen;

    public bool IsExtensible => isExtensible;

    public IReadOnlyList<MemberNode> Members => _members;

    public void Add(MemberNode member) => _members.Add(member);

    /// <summary>Whether there is a value: reads the byte of a class, and the length of an extensible type.</summary>
    public bool Begin(ref SchemaInput input)
    {
        if (isClass && !ReadTag(ref input)) return false;
        if (isExtensible) input.ReadPartEnd();
        return true;
    }

    public override void Skip(ref SchemaInput input)
    {
        input.Enter();
        if (Begin(ref input))
        {
            foreach (var member in _members) member.Value.Skip(ref input);
        }

        input.Leave();
    }

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) =>
        seen.Add(this)
            ? _members.Select(member => FindGraph(member.Value, seen, $"{path}.{member.Name}")).FirstOrDefault(static found => found is not null)
            : null;

    public override string ToString() => $"{(isClass ? "" : "struct ")}({string.Join(", ", _members.Select(static member => member.Name))})";

    private bool ReadTag(ref SchemaInput input) => input.ReadByte() switch
    {
        RecordTag.Null => false,
        RecordTag.Exact => true,
        RecordTag.Derived when isOpen =>
            throw new SerializationException("The input holds a value of a derived type, which only a program that has the type can read."),
        var other => throw new SerializationException($"{other} was found where 0 (null) or 1 (a value) is expected."),
    };
}
