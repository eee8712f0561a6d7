using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Assemblies;

/// <summary>
/// The files of this process's own application that nodes may request. These are the assemblies, satellites and native libraries that it shipped with, and
/// assemblies that it loaded by itself. Requests come from the wire, and give access to no other files.
/// </summary>
internal static class AssemblySource
{
    /// <summary>The first segment of paths that name assemblies.</summary>
    public const string Prefix = "assemblies";

    /// <summary>The first segment of paths that name native libraries.</summary>
    public const string NativePrefix = "natives";

    /// <summary>The culture segment for an assembly without a culture.</summary>
    public const string NeutralCulture = "neutral";

    /// <summary>The path under which a file server serves an assembly of this process.</summary>
    public static string PathOf(string name) => $"{Prefix}/{Uri.EscapeDataString(name)}";

    /// <summary>The path of an assembly as a system needs it, or of a satellite.</summary>
    public static string PathOf(string name, string culture, string rid) =>
        $"{Prefix}/{Uri.EscapeDataString(rid)}/{Uri.EscapeDataString(culture)}/{Uri.EscapeDataString(name)}";

    /// <summary>The path of a native library as a system needs it.</summary>
    public static string PathOfNative(string library, string rid) => $"{NativePrefix}/{Uri.EscapeDataString(rid)}/{Uri.EscapeDataString(library)}";

    /// <summary>Returns the file of an assembly of the application; null if it has no such assembly.</summary>
    public static string? Find(string name) => FileOf(name, RuntimeIds.Current)?.Path;

    /// <summary>Looks up a path below <see cref="Prefix"/>: an assembly, or a system, a culture and an assembly.</summary>
    public static AssetLookup FindAssembly(string path)
    {
        if (Names(path) is not { } names) return NoName(path);
        return names switch
        {
            [var name] => Describe(name, RuntimeIds.Current),
            [var rid, NeutralCulture, var name] => Describe(name, rid),
            [_, var culture, var name] => ApplicationFiles.Layout.FindSatellite(name, culture) is { } file
                ? AssetLookup.Found(file.Path)
                : AssetLookup.Absent($"The application has no assembly '{name}' for the culture '{culture}'."),
            _ => NoName(path),
        };
    }

    /// <summary>Looks up a path below <see cref="NativePrefix"/>: a system and a native library.</summary>
    public static AssetLookup FindNative(string path)
    {
        if (Names(path) is not [var rid, var library]) return NoName(path);
        var found = ApplicationFiles.Layout.FindNative(
            library, rid, LoadedByItself().Select(static assembly => Path.GetDirectoryName(assembly.Location)!).Distinct(StringComparer.Ordinal));
        return found.Count > 0
            ? AssetLookup.Found([.. found.Select(static file => file.Path)])
            : AssetLookup.Absent(
                $"The application has no native library {string.Join(" or ", RuntimeIds.FilesOf(library, rid))} for {string.Join(", ", RuntimeIds.FallBacks(rid))}.");
    }

    private static AssetLookup Describe(string name, string rid)
    {
        var loaded = Loaded(name);
        if (FileOf(name, rid) is not { } file)
        {
            return loaded is { Location: "" } && !ApplicationFiles.IsOnEveryNode(name)
                ? AssetLookup.Refused($"Assembly {name} was created or loaded in the driver's memory and has no file to send: load it from a file.")
                : AssetLookup.Absent($"The application has no assembly {name}: reference its package or project, so that it is in the application's folder.");
        }

        if (loaded is not null && CodeVersion.ReasonAgainst(loaded) is { } reason) return AssetLookup.Refused($"Assembly {name} cannot be sent: {reason}.");

        // A file for another system is another build by right.
        if (loaded is null || FileOf(name, RuntimeIds.Current)?.Path != file.Path) return AssetLookup.Found(file.Path);
        var (here, there) = (loaded.ManifestModule.ModuleVersionId, ModuleVersion.Of(file.Path));
        return here == there
            ? AssetLookup.Found(file.Path)
            : AssetLookup.Refused(
                $"Assembly {name} is version {here} in the driver's process but {there} in its file '{file.Path}': it was rebuilt while the driver ran. Start the application again.");
    }

    private static ShippedFile? FileOf(string name, string rid)
    {
        if (ApplicationFiles.Layout.FindAssembly(name, rid) is { } shipped) return shipped;
        if (LoadedByItself().FirstOrDefault(assembly => assembly.GetName().Name == name) is { } found) return new ShippedFile(found.Location);

        // A framework that the process was not started with, but loaded, such as ASP.NET Core for a master's REST server.
        return !ApplicationFiles.IsOnEveryNode(name) && Loaded(name) is { Location: { Length: > 0 } location } ? new ShippedFile(location) : null;
    }

    /// <summary>Returns the running assembly of a name; if several contexts have one, that of the program.</summary>
    private static Assembly? Loaded(string name) =>
        AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic && !assembly.IsCollectible && assembly.GetName().Name == name)
            .OrderBy(static assembly => AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default).FirstOrDefault();

    /// <summary>Assemblies that the application loaded from arbitrary files, such as plug-ins or tests.</summary>
    private static IEnumerable<Assembly> LoadedByItself() =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Where(static assembly => !assembly.IsDynamic && !assembly.IsCollectible
                && assembly.Location.Length > 0 && !ApplicationFiles.IsFramework(assembly.Location));

    private static string[]? Names(string path)
    {
        string[] names = [.. path.Split('/').Select(Uri.UnescapeDataString)];
        return Array.TrueForAll(names, FileNames.IsPlain) ? names : null;
    }

    private static AssetLookup NoName(string path) =>
        AssetLookup.Absent($"'{path.Replace("\0", "\\0", StringComparison.Ordinal)}' is not the name of an application's file.");
}
