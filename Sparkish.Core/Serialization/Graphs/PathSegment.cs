using System.Globalization;
using System.Text;

namespace Sparkish.Serialization.Graphs;

/// <summary>A step of the path to an object: the compiler's name of a field, or an index.</summary>
internal readonly record struct PathSegment(string? Name, int Index)
{
    private const int Longest = 12;

    /// <summary>The path in terms of the source: without compiler-generated steps.</summary>
    public static string Join(ReadOnlySpan<PathSegment> path)
    {
        var text = new StringBuilder();
        var shown = path.Length <= Longest ? path : path[..Longest];
        foreach (var segment in shown)
        {
            if (segment.Name is null) text.Append(CultureInfo.InvariantCulture, $"[{segment.Index}]");
            else if (Written(segment.Name) is { } name) text.Append(text.Length > 0 ? "." : "").Append(name);
        }

        return shown.Length < path.Length ? text.Append('…').ToString() : text.ToString();
    }

    // <Name>k__BackingField is a property (Name@ in F#), <name>P a parameter of a primary constructor, <name>5__2 a local of an iterator,
    // <>4__this the object around, and CS$<>8__locals1 only the next outer scope.
    private static string? Written(string name)
    {
        if (name.StartsWith("CS$<>", StringComparison.Ordinal)) return null;
        if (name.StartsWith("$VB$", StringComparison.Ordinal)) return WrittenInBasic(name);
        if (name.StartsWith("<>", StringComparison.Ordinal)) return name.EndsWith("__this", StringComparison.Ordinal) ? "this" : name;
        var end = name.IndexOf('>', StringComparison.Ordinal);
        if (name.EndsWith('@') && name.Length > 1) return name[..^1];
        return name[0] == '<' && end > 1 ? name[1..end] : name;
    }

    // $VB$Local_name is a variable, $VB$ResumableLocal_name$0 one of an iterator, $VB$Me the object around, $VB$NonLocal_… the next outer scope.
    private static string? WrittenInBasic(string name)
    {
        var start = name.IndexOf('_', StringComparison.Ordinal) + 1;
        if (name.StartsWith("$VB$NonLocal_", StringComparison.Ordinal)) return null;
        return start == 0 ? "this" : name[start..].Split('$')[0];
    }
}
