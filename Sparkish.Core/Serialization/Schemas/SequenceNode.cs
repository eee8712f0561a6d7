#pragma warning disable MA0048 // the kinds of sequences are kept with the node

namespace Sparkish.Serialization.Schemas;

/// <summary>The kind of a sequence.</summary>
internal enum SequenceKind
{
    List,
    Stack,
    Set,
    Sorted,
    Map,
    SortedMap,
}

/// <summary>Elements after their count; sets and maps have a byte for their comparer between the two.</summary>
internal sealed class SequenceNode(SequenceKind kind, SchemaNode element) : SchemaNode
{
    public SequenceKind Kind => kind;

    public SchemaNode Element => element;

    public bool HasComparer => kind >= SequenceKind.Set;

    public bool IsMap => kind >= SequenceKind.Map;

    public override void Skip(ref SchemaInput input)
    {
        var count = input.ReadNullableCount();
        if (count < 0) return;
        if (HasComparer) input.ReadByte();
        SkipAll(ref input, element, count);
    }

    /// <summary>Skips elements: those of a fixed size at once.</summary>
    public static void SkipAll(ref SchemaInput input, SchemaNode element, long count)
    {
        if (element is FixedNode { Size: var size })
        {
            input.Take(count * size <= input.Remaining ? (int)count * size
                : throw new SerializationException($"The input is too short for {count} elements of {size} bytes."));
            return;
        }

        input.Enter();
        for (; count > 0; count--)
        {
            input.Step();
            element.Skip(ref input);
        }

        input.Leave();
    }

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) => FindGraph(element, seen, $"{path}[]");

    public override string ToString() => kind switch
    {
        SequenceKind.List => $"[{element}]",
        SequenceKind.SortedMap => $"sorted map [{element}]",
        _ => $"{kind.ToString().ToLowerInvariant()} [{element}]",
    };
}

/// <summary>An array of several dimensions: a presence byte, their lengths, and the elements row by row.</summary>
internal sealed class RankNode(SchemaNode element, int rank) : SchemaNode
{
    public SchemaNode Element => element;

    public int Rank => rank;

    public override void Skip(ref SchemaInput input)
    {
        if (!input.ReadPresence()) return;
        SequenceNode.SkipAll(ref input, element, Count(ReadLengths(ref input)));
    }

    public int[] ReadLengths(ref SchemaInput input)
    {
        var lengths = new int[rank];
        for (var i = 0; i < rank; i++) lengths[i] = input.ReadCount();
        return lengths;
    }

    public static long Count(int[] lengths)
    {
        long count = 1;
        foreach (var length in lengths)
        {
            count *= length;
            if (count > Array.MaxLength) throw new SerializationException($"An array of {string.Join(" x ", lengths)} elements is too large.");
        }

        return count;
    }

    protected override string? FindGraph(HashSet<SchemaNode> seen, string path) => FindGraph(element, seen, $"{path}[]");

    public override string ToString() => $"[{element}{new string(',', rank - 1)}]";
}
