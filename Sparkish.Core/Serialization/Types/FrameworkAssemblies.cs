using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Sparkish.Serialization.Types;

/// <summary>
/// Distinguishes the platform's own assemblies from those of applications: the platform's are in a shared framework. A package of an application belongs to the
/// application, regardless of its signature, except for the parts of ASP.NET Core. A node has those as a framework, as packages or from its driver, and the
/// same types must be sendable, or not, in all three cases.
/// </summary>
internal static class FrameworkAssemblies
{
    // In a self-contained or single-file program, the location of assemblies says nothing. There the platform's are those with its key, its version and a
    // reserved name; an assembly that this wrongly counts as the platform's is refused rather than trusted.
    private static readonly HashSet<string> Tokens = ["7CEC85D7BEA7798E", "B03F5F7F11D50A3A", "B77A5C561934E089", "CC7B13FFCD2DDD51", "ADB9793829DDAE60"];

    // The second parts of the names Microsoft.Extensions.… in the shared framework of ASP.NET Core.
    private static readonly HashSet<string> Extensions = new(StringComparer.Ordinal)
    {
        "Caching", "Configuration", "DependencyInjection", "Diagnostics", "Features", "FileProviders", "FileSystemGlobbing", "Hosting", "Http", "Identity",
        "Localization", "Logging", "ObjectPool", "Options", "Primitives", "Validation", "WebEncoders",
    };

    private static readonly string? SharedFolder = FindSharedFolder();

    private static readonly ConditionalWeakTable<Assembly, object> Known = [];

    public static bool Contains(Assembly assembly) => (bool)Known.GetValue(assembly, static assembly => IsOfFramework(assembly));

    private static bool IsOfFramework(Assembly assembly)
    {
        if (assembly == typeof(object).Assembly || IsOfAspNetCore(assembly)) return true;
        if (assembly.IsDynamic || assembly.IsCollectible || AssemblyLoadContext.GetLoadContext(assembly) != AssemblyLoadContext.Default) return false;
        return SharedFolder is not null && assembly.Location is { Length: > 0 } file
            ? file.StartsWith(SharedFolder, StringComparison.Ordinal)
            : IsNamedSo(assembly);
    }

    internal static bool IsNamedSo(Assembly assembly)
    {
        var name = assembly.GetName();
        var isReserved = name.Name is "System" or "mscorlib" or "netstandard" or "WindowsBase" or "Microsoft.CSharp"
            || name.Name!.StartsWith("System.", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.VisualBasic", StringComparison.Ordinal)
            || name.Name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);
        return isReserved && HasPlatformsKey(name);
    }

    internal static bool IsOfAspNetCore(Assembly assembly)
    {
        const string ExtensionsPrefix = "Microsoft.Extensions.";
        var name = assembly.GetName();
        if (name.Name is not { } simple || assembly.IsDynamic) return false;
        var isNamedSo = simple.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || (simple.StartsWith(ExtensionsPrefix, StringComparison.Ordinal) && Extensions.Contains(simple[ExtensionsPrefix.Length..].Split('.')[0]));
        return isNamedSo && HasPlatformsKey(name);
    }

    private static bool HasPlatformsKey(AssemblyName name) => name.GetPublicKeyToken() is { Length: 8 } token && Tokens.Contains(Convert.ToHexString(token));

    // The runtime is in shared/Microsoft.NETCore.App/VERSION; other frameworks are beside it in shared.
    private static string? FindSharedFolder()
    {
        var shared = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", ".."));
        return Path.GetFileName(shared) is "shared" ? shared + Path.DirectorySeparatorChar : null;
    }
}
