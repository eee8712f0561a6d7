namespace Sparkish.Assemblies;

/// <summary>The files of this process's own application by the names of their assemblies: what it shipped with, and what it loaded by itself.</summary>
internal static class AssemblySource
{
    /// <summary>The first segment of paths that name assemblies.</summary>
    public const string Prefix = "assemblies";

    /// <summary>Follows the path of an assembly to ask for its module version id, 16 bytes, instead of its content.</summary>
    public const string VersionQuery = "?mvid";

    private static readonly Dictionary<string, string> Shipped =
        ApplicationFiles.Shipped.GroupBy(static file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.First(), StringComparer.Ordinal);

    /// <summary>The path under which a file server serves an assembly.</summary>
    public static string PathOf(string name) => $"{Prefix}/{Uri.EscapeDataString(name)}";

    /// <summary>The file of an assembly of the application; null if there is none.</summary>
    public static string? Find(string name) => Shipped.TryGetValue(name, out var file) ? file : FindLoaded(name);

    /// <summary>An assembly that the application loaded by itself, such as a plug-in or a test.</summary>
    private static string? FindLoaded(string name) =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Where(static assembly => !assembly.IsDynamic && !assembly.IsCollectible && assembly.Location.Length > 0)
            .FirstOrDefault(assembly => assembly.GetName().Name == name && !ApplicationFiles.IsFramework(assembly.Location))?.Location;
}
