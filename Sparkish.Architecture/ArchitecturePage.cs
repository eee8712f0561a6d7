using System.Globalization;
using System.Text;

namespace Sparkish.Architecture;

/// <summary>The part of <c>docs/architecture.md</c> that shows which folders of each assembly use which.</summary>
internal static class ArchitecturePage
{
    private const string Begin = "<!-- folders: written by Sparkish.Architecture -->";
    private const string End = "<!-- end of folders -->";

    /// <summary>The page with its generated part replaced.</summary>
    /// <exception cref="InvalidDataException">The page does not have the two markers, or the folders of an assembly go in a circle.</exception>
    public static string Rewrite(string page)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new InvalidDataException($"The page lacks the lines '{Begin}' and '{End}', between which the folders are listed.");
        return $"{page[..(begin + Begin.Length)]}\n\n{Describe()}{page[end..]}";
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var assembly in Floors.Assemblies)
        {
            using var references = Floors.Open(assembly);
            if (references.Folders.Count > 1) Describe(text, assembly, references);
        }

        return text.ToString();
    }

    private static void Describe(StringBuilder text, string assembly, AssemblyTypeReferences references)
    {
        var graph = new FolderGraph(references.Read());
        if (graph.ShortestCycle() is { Count: > 0 } cycle)
            throw new InvalidDataException($"The folders of {assembly} go in a circle:\n  {string.Join("\n  ", cycle)}");

        text.Append(CultureInfo.InvariantCulture, $"**{assembly}**\n\n```\n");
        var width = references.Folders.Max(folder => folder.Length);
        foreach (var layer in graph.Layers(references.Folders).Reverse())
        {
            foreach (var folder in layer)
            {
                var used = string.Join(", ", graph.UsedBy(folder));
                text.Append(used.Length > 0 ? $"{folder.PadRight(width)} -> {used}" : folder).Append('\n');
            }

            text.Append('\n');
        }

        text.Length--;
        text.Append("```\n\n");
    }
}
