using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Sparkish.Assemblies;

/// <summary>
/// Runtime identifiers, which name a system and its processor for assets that packages have per system. The fallbacks are those of .NET's portable identifiers.
/// </summary>
internal static class RuntimeIds
{
    /// <summary>The identifier of all systems.</summary>
    public const string Any = "any";

    private static readonly FrozenDictionary<string, string[]> Families = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["linux"] = ["linux", "unix"],
        ["linux-musl"] = ["linux-musl", "linux", "unix"],
        ["linux-bionic"] = ["linux-bionic", "linux", "unix"],
        ["osx"] = ["osx", "unix"],
        ["freebsd"] = ["freebsd", "unix"],
        ["illumos"] = ["illumos", "unix"],
        ["solaris"] = ["solaris", "unix"],
        ["win"] = ["win"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The portable identifier of this process, such as <c>linux-x64</c>, regardless of the runtime's distribution.</summary>
    public static string Current { get; } = $"{Family()}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>
    /// Returns the identifiers of compatible assets, the best first: <c>linux-x64, linux, unix-x64, unix, any</c>. An unknown one is compatible with itself and
    /// any.
    /// </summary>
    public static IReadOnlyList<string> FallBacks(string rid)
    {
        var dash = rid.LastIndexOf('-');
        if (dash <= 0 || !Families.TryGetValue(rid[..dash], out var families)) return [rid, Any];
        var processor = rid[dash..];
        return [.. families.SelectMany(family => new[] { family + processor, family }), Any];
    }

    /// <summary>Returns the file names under which a system looks for a native library, in the order of .NET.</summary>
    public static IReadOnlyList<string> FilesOf(string library, string rid)
    {
        if (rid.StartsWith("win", StringComparison.Ordinal))
            return library.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                || library.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? [library] : [library + ".dll", library];
        var suffix = rid.StartsWith("osx", StringComparison.Ordinal) ? ".dylib" : ".so";
        var hasSuffix = library.EndsWith(suffix, StringComparison.Ordinal) || library.Contains(suffix + ".", StringComparison.Ordinal);
        return hasSuffix
            ? [library, $"lib{library}", library + suffix, $"lib{library}{suffix}"]
            : [$"lib{library}{suffix}", library + suffix, library, $"lib{library}"];
    }

    private static string Family()
    {
        if (OperatingSystem.IsWindows()) return "win";
        if (OperatingSystem.IsMacOS()) return "osx";
        if (OperatingSystem.IsFreeBSD()) return "freebsd";
        var runtime = RuntimeInformation.RuntimeIdentifier;
        return runtime.Contains("-musl", StringComparison.Ordinal) || runtime.StartsWith("alpine", StringComparison.Ordinal) ? "linux-musl" : "linux";
    }
}
