using System.Runtime.InteropServices;

namespace Sparkish.Assemblies;

/// <summary>Tells the assemblies that every node has, the shared framework's and Sparkish's, from those of an application.</summary>
internal static class ApplicationFiles
{
    // The runtime lies in shared/Microsoft.NETCore.App/VERSION; other frameworks lie beside it in shared.
    private static readonly string Root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", ".."));

    private static readonly HashSet<string> Names = [.. TrustedFiles.Where(IsFramework).Select(static file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>The files of assemblies that this process was started with, without the framework's.</summary>
    public static IEnumerable<string> Shipped => TrustedFiles.Where(static file => !IsFramework(file));

    private static IEnumerable<string> TrustedFiles =>
        (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether each node has an assembly of this name by itself: applications use the node's.</summary>
    public static bool IsOfNode(string name) => name is "Sparkish.Core" or "Sparkish.Scheduler" or "Sparkish.Deploy" || Names.Contains(name);

    public static bool IsFramework(string file) => file.StartsWith(Root, StringComparison.Ordinal);
}
