namespace Sparkish.Architecture;

/// <summary>One reason for an edge between folders: a type that mentions another.</summary>
internal sealed record TypeReference(string FromFolder, string FromType, string ToFolder, string ToType)
{
    public override string ToString() => $"{FromFolder} -> {ToFolder}  ({FromType} uses {ToType})";
}
