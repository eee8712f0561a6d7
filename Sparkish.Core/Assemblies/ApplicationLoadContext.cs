using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Assemblies;

/// <summary>
/// Loads the assemblies and native libraries of another process's application. The framework and Sparkish itself come from this process, unless the application
/// has a newer part of the framework; types in Sparkish's signatures always do. A missing assembly causes the platform's exception, whose inner exception gives
/// advice.
/// </summary>
internal sealed class ApplicationLoadContext : AssemblyLoadContext
{
    private const string SatelliteSuffix = ".resources";

    private readonly ILoadedAssets _assets;

    /// <summary>Creates an empty context.</summary>
    /// <param name="name">Its name, for debuggers.</param>
    /// <param name="assets">Finds the application's files.</param>
    /// <param name="isCollectible">
    /// Whether it can be unloaded. The runtime compiles code of such a context without profiles: LINQ takes twice as long, a pipeline of lambdas over four
    /// times.
    /// </param>
    public ApplicationLoadContext(string name, ILoadedAssets assets, bool isCollectible) : base(name, isCollectible)
    {
        _assets = assets;
        Resolving += OnMissingAssembly;
        ResolvingUnmanagedDll += OnMissingLibrary;
    }

    /// <summary>The assembly of a name.</summary>
    /// <exception cref="IOException">The file does not exist or cannot be fetched; the message gives the reason.</exception>
    public Assembly LoadByName(AssemblyName name)
    {
        try
        {
            return LoadFromAssemblyName(name);
        }
        catch (IOException error) when (error.InnerException is { } reason)
        {
            throw new IOException(reason.Message, error); // the runtime's own text is less informative
        }
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // By the simple name: the default context would look for the version that the application was compiled against.
        if (ApplicationFiles.IsShared(assemblyName.Name!)) return Default.LoadFromAssemblyName(new AssemblyName(assemblyName.Name!));
        if (IsOfNode(assemblyName) || _assets.FindAssembly(assemblyName) is not { } file) return null;
        try
        {
            return LoadFromAssemblyPath(file);
        }
        catch (BadImageFormatException error)
        {
            throw new SparkException(
                $"Assembly {assemblyName.Name} of the application cannot be loaded on {RuntimeIds.Current}: {error.Message}", error);
        }
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (_assets.FindNative(unmanagedDllName) is not { } file) return 0;
        try
        {
            return LoadUnmanagedDllFromPath(file);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException(
                $"Native library {unmanagedDllName} of the application, '{Path.GetFileName(file)}', cannot be loaded on {RuntimeIds.Current}: {error.Message}",
                    error);
        }
    }

    private static bool IsOfNode(AssemblyName assembly)
    {
        var isSatellite = IsSatellite(assembly);
        var simple = isSatellite ? assembly.Name![..^SatelliteSuffix.Length] : assembly.Name!;
        return ApplicationFiles.IsSparkish(simple)
            || (ApplicationFiles.IsOfNode(simple) && (isSatellite || assembly.Version is not { } wanted || IsThere(simple, wanted)));
    }

    private static bool IsSatellite(AssemblyName assembly) =>
        assembly.CultureName is { Length: > 0 } && assembly.Name!.EndsWith(SatelliteSuffix, StringComparison.Ordinal);

    /// <summary>Whether the framework here is as new as the application requires; packages may contain newer parts of it.</summary>
    private static bool IsThere(string name, Version wanted) => Default.LoadFromAssemblyName(new AssemblyName(name)).GetName().Version >= wanted;

    // Called when the default context has none either. Code with an optional dependency expects this type of exception.
    private Assembly? OnMissingAssembly(AssemblyLoadContext context, AssemblyName name)
    {
        if (IsSatellite(name)) return null; // there are fallbacks
        string[] askers = [.. Assemblies.Where(assembly => assembly.GetReferencedAssemblies().Any(reference => reference.Name == name.Name))
            .Select(static assembly => assembly.GetName().Name!)];
        var who = askers.Length > 0 ? $"which {string.Join(" and ", askers)} refer to" : "which was requested by name";
        throw new FileNotFoundException(
            $"Assembly {name.Name}, {who}, is neither on this node nor among the files of the application at the {_assets.Source}: reference its package or project in the application, so that it is in the application's folder.",
            name.Name);
    }

    private nint OnMissingLibrary(Assembly asker, string library) => throw new DllNotFoundException(
        $"Native library {library}, which {asker.GetName().Name} calls, is not on this machine. {_assets.WhyMissing(library)} Reference the package that brings it in the application, or install it on all machines.");
}

/// <summary>The files that a load context loads.</summary>
internal interface ILoadedAssets
{
    /// <summary>The server of the files, for errors: <c>driver 10.0.0.1:4040</c>.</summary>
    string Source { get; }

    /// <summary>Returns the file of an assembly or satellite; null if it does not belong to the application.</summary>
    /// <exception cref="SparkException">The file is not available; the message gives the reason.</exception>
    string? FindAssembly(AssemblyName assembly);

    /// <summary>Returns the file of a native library by the name that code uses; null if the application has none: the system may have it.</summary>
    /// <exception cref="SparkException">The file is not available; the message gives the reason.</exception>
    string? FindNative(string library);

    /// <summary>Returns the reason why a requested native library is not among the application's, as a sentence; null if it is, or was not requested.</summary>
    string? WhyMissing(string library);
}
