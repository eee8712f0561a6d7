using System.Runtime.InteropServices;

namespace Sparkish.Assemblies;

/// <summary>The properties that the host passed to this process: the locations of its program and its dependencies.</summary>
/// <param name="BaseDirectory">The folder of the program.</param>
/// <param name="RuntimeDirectory">The folder of the runtime; the program's own for self-contained programs.</param>
internal sealed record HostProperties(string BaseDirectory, string RuntimeDirectory)
{
    /// <summary>The assemblies that are found by name, the framework's included.</summary>
    public IReadOnlyList<string> TrustedAssemblies { get; init; } = [];

    /// <summary>The lists of dependencies, the frameworks' included.</summary>
    public IReadOnlyList<string> DependencyFiles { get; init; } = [];

    /// <summary>Folders of packages.</summary>
    public IReadOnlyList<string> PackageDirectories { get; init; } = [];

    /// <summary>Folders with native libraries for this process.</summary>
    public IReadOnlyList<string> NativeDirectories { get; init; } = [];

    /// <summary>Folders with folders of cultures.</summary>
    public IReadOnlyList<string> ResourceDirectories { get; init; } = [];

    /// <summary>The program's files if it was published as one file.</summary>
    public SingleFileBundle? Bundle { get; init; }

    /// <summary>The reason why the program's files are unknown: they should be in a bundle, which cannot be read.</summary>
    public SparkException? BundleError { get; init; }

    /// <summary>The properties of this process.</summary>
    public static HostProperties OfProcess()
    {
        var (bundle, error) = OpenBundle();
        return new HostProperties(AppContext.BaseDirectory, RuntimeEnvironment.GetRuntimeDirectory())
        {
            TrustedAssemblies = Paths("TRUSTED_PLATFORM_ASSEMBLIES"),
            DependencyFiles = Paths("APP_CONTEXT_DEPS_FILES", ';'),
            PackageDirectories = Paths("PROBING_DIRECTORIES"),
            NativeDirectories = Paths("NATIVE_DLL_SEARCH_DIRECTORIES"),
            ResourceDirectories = Paths("PLATFORM_RESOURCE_ROOTS"),
            Bundle = bundle,
            BundleError = error,
        };
    }

    private static string[] Paths(string property, char? separator = null) =>
        (AppContext.GetData(property) as string ?? "").Split(separator ?? Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static (SingleFileBundle? Bundle, SparkException? Error) OpenBundle()
    {
        if (typeof(HostProperties).Assembly.Location.Length > 0) return (null, null);
        try
        {
            return (SingleFileBundle.Open(Environment.ProcessPath ?? ""), null);
        }
        catch (SparkException error)
        {
            return (null, error);
        }
    }
}
