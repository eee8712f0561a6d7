using Sparkish.Rpc.Bulk;

namespace Sparkish.Executor;

/// <summary>
/// Serves the application's assemblies from the driver: under <c>NAME/mvid</c> the module version id of an assembly, under <c>NAME</c> its bytes.
/// Serves what the application shipped with, by name; no path is taken from a peer.
/// </summary>
internal sealed class AssemblySource : IBulkSource
{
    /// <summary>The prefix of bulk paths.</summary>
    public const string BulkPrefix = "assemblies";

    /// <summary>The last segment of the path that asks for a module version id.</summary>
    public const string VersionSuffix = "/mvid";

    private readonly Dictionary<string, string> _files = FilesByName();

    /// <inheritdoc/>
    public BulkContent Open(string path)
    {
        var wantsVersion = path.EndsWith(VersionSuffix, StringComparison.Ordinal);
        var name = wantsVersion ? path[..^VersionSuffix.Length] : path;
        var file = Find(name) ?? throw new BulkNotFoundException($"The application has no assembly '{name}'.");
        if (wantsVersion) return new BulkContent().Add(ModuleVersion.Of(file).ToByteArray());
        var handle = File.OpenHandle(file);
        return new BulkContent().Add(handle, 0, RandomAccess.GetLength(handle));
    }

    private string? Find(string name) => _files.TryGetValue(name, out var file) ? file : FindLoaded(name);

    /// <summary>An assembly that the application loaded by itself, such as a plug-in or a test.</summary>
    private static string? FindLoaded(string name) =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Where(static assembly => !assembly.IsDynamic && assembly.Location.Length > 0)
            .FirstOrDefault(assembly => assembly.GetName().Name == name && !ApplicationFiles.IsFramework(assembly.Location))?.Location;

    private static Dictionary<string, string> FilesByName() =>
        ApplicationFiles.Shipped.GroupBy(static file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.First(), StringComparer.Ordinal);
}
