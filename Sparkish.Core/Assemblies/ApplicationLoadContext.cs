using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Assemblies;

/// <summary>
/// Where a node loads the assemblies and native libraries of another process's application: from files that <paramref name="assets"/> names, null for
/// what the application has not. The framework and Sparkish itself come from this process, unless the application brings a newer part of the framework.
/// </summary>
/// <param name="name">Its name, for debuggers.</param>
/// <param name="assets">Finds files.</param>
/// <param name="isCollectible">Whether it can be unloaded. Code in such a context is compiled without profiles, and pipelines of lambdas run at a fraction of their speed.</param>
internal sealed class ApplicationLoadContext(string name, ILoadedAssets assets, bool isCollectible) : AssemblyLoadContext(name, isCollectible)
{
    private const string SatelliteSuffix = ".resources";

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (IsOfNode(assemblyName) || assets.FindAssembly(assemblyName) is not { } file) return null;
        try
        {
            return LoadFromAssemblyPath(file);
        }
        catch (BadImageFormatException error)
        {
            throw new SparkException($"Assembly {assemblyName.Name} of the application, '{Path.GetFileName(file)}', is none that {RuntimeIds.Current} can load: {error.Message}", error);
        }
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (assets.FindNative(unmanagedDllName) is not { } file) return 0;
        try
        {
            return LoadUnmanagedDllFromPath(file);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"Native library {unmanagedDllName} of the application, '{Path.GetFileName(file)}' for {RuntimeIds.Current}, cannot be loaded: {error.Message}", error);
        }
    }

    private static bool IsOfNode(AssemblyName assembly)
    {
        var isSatellite = assembly.CultureName is { Length: > 0 } && assembly.Name!.EndsWith(SatelliteSuffix, StringComparison.Ordinal);
        var simple = isSatellite ? assembly.Name![..^SatelliteSuffix.Length] : assembly.Name!;
        return ApplicationFiles.IsSparkish(simple) || (ApplicationFiles.IsOfNode(simple) && (isSatellite || assembly.Version is not { } wanted || IsThere(simple, wanted)));
    }

    /// <summary>Whether the framework here is as new as the application wants it; packages may bring newer parts of it.</summary>
    private static bool IsThere(string name, Version wanted) => Default.LoadFromAssemblyName(new AssemblyName(name)).GetName().Version >= wanted;
}

/// <summary>The files that a load context loads.</summary>
internal interface ILoadedAssets
{
    /// <summary>The file of an assembly or satellite; null if the application has none.</summary>
    string? FindAssembly(AssemblyName assembly);

    /// <summary>The file of a native library by the name that code gives it; null if the application has none.</summary>
    string? FindNative(string library);
}
