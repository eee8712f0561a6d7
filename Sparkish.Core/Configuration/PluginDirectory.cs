using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Runtime.Versioning;
using Sparkish.Assemblies;

namespace Sparkish.Configuration;

/// <summary>
/// The directory that <c>spark.plugins.directory</c> names: plug-ins of the operator with all that they need, as <c>dotnet publish</c> puts it together. The
/// program's own assemblies come first. Files that every user of the machine can change are not loaded.
/// </summary>
/// <param name="FullPath">Its full path.</param>
internal sealed record PluginDirectory(string FullPath)
{
    private static readonly Lock Lock = new();
    private static readonly HashSet<string> Opened = new(StringComparer.Ordinal);

    /// <summary>Where the runtime finds native libraries: in the directory itself and, for this system, where packages have them.</summary>
    private IEnumerable<string> NativeFolders =>
        RuntimeIds.FallBacks(RuntimeIds.Current).Select(rid => Path.Combine(FullPath, "runtimes", rid, "native")).Prepend(FullPath);

    /// <summary>Returns the directory that the settings name; null if they name none.</summary>
    public static PluginDirectory? From(SparkConf conf) =>
        conf.Get(CoreKeys.PluginDirectory) is { Length: > 0 } path ? new PluginDirectory(Path.GetFullPath(path)) : null;

    /// <summary>Loads an assembly of the directory, and from then on what it needs; null if the directory does not have it.</summary>
    /// <exception cref="SparkException">The directory does not exist, other users can change it, or a part of the plug-in is missing.</exception>
    public Assembly? Load(string name)
    {
        if (!Directory.Exists(FullPath)) throw Invalid("there is no such directory on this node");
        ThrowIfOpenToAll();
        if (FileOf(name) is not { } file) return null;
        Open();
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(file);

        // Also what libraries need that the plug-in uses: some of it only when a message is sent, which would be too late.
        foreach (var library in LoadReferences(assembly)) LoadReferences(library);
        return assembly;
    }

    /// <summary>Loads what an assembly of the directory refers to.</summary>
    private List<Assembly> LoadReferences(Assembly assembly) => FileOf(assembly.GetName().Name!) == assembly.Location
        ? [.. assembly.GetReferencedAssemblies().Select(reference => LoadReference(reference, assembly))]
        : [];

    private Assembly LoadReference(AssemblyName reference, Assembly referrer)
    {
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyName(reference);
        }
        catch (FileNotFoundException error)
        {
            throw Invalid($"assembly {reference.Name}, which {referrer.GetName().Name} needs, is not there: "
                + "use the output of 'dotnet publish', which has everything", error);
        }
    }

    private void ThrowIfOpenToAll()
    {
        if (OperatingSystem.IsWindows()) return;
        var folders = NativeFolders.SelectMany(WithParents).Distinct(StringComparer.Ordinal).Where(Directory.Exists);
        var open = folders.Concat(folders.SelectMany(Directory.EnumerateFiles)).FirstOrDefault(IsOpenToAll);
        if (open is not null)
            throw Invalid($"every user of this machine can change '{open}', and so run code here: revoke that permission, for example with chmod -R o-w");
    }

    /// <summary>A folder of the directory with those that lead to it, from the directory on.</summary>
    private IEnumerable<string> WithParents(string folder) =>
        folder == FullPath ? [folder] : WithParents(Path.GetDirectoryName(folder)!).Append(folder);

    [UnsupportedOSPlatform("windows")]
    private static bool IsOpenToAll(string path) => (File.GetUnixFileMode(path) & UnixFileMode.OtherWrite) != UnixFileMode.None;

    /// <summary>Has the runtime look here for what it finds nowhere else.</summary>
    private void Open()
    {
        lock (Lock)
        {
            if (!Opened.Add(FullPath)) return;
        }

        AssemblyLoadContext.Default.Resolving += (context, name) => FileOf(name.Name!) is { } file ? context.LoadFromAssemblyPath(file) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, library) => LoadNative(library);
    }

    private string? FileOf(string assembly)
    {
        var file = Path.Combine(FullPath, assembly + ".dll");
        return FileNames.IsPlain(assembly) && File.Exists(file) ? file : null;
    }

    private SparkException Invalid(string reason, Exception? cause = null) => new($"{CoreKeys.PluginDirectory.Key} is '{FullPath}', but {reason}.", cause);

    private nint LoadNative(string library)
    {
        if (!FileNames.IsPlain(library)) return 0;
        var files = NativeFolders.SelectMany(folder => RuntimeIds.FilesOf(library, RuntimeIds.Current).Select(name => Path.Combine(folder, name)));
        return files.FirstOrDefault(File.Exists) is { } file ? NativeLibrary.Load(file) : 0;
    }
}
