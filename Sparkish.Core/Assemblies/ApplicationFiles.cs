namespace Sparkish.Assemblies;

/// <summary>Tells the assemblies that every node has, the shared framework's and Sparkish's, from those of this process's application.</summary>
internal static class ApplicationFiles
{
    private static readonly HostProperties Host = HostProperties.OfProcess();

    /// <summary>Where the files of this process's application lie.</summary>
    private static readonly ApplicationLayout OfProcess = new(Host);

    /// <summary>Where the files of this process's application lie.</summary>
    /// <exception cref="SparkException">It was published as a single file, which cannot be read.</exception>
    public static ApplicationLayout Layout => Host.BundleError is { } error ? throw new SparkException(error.Message, error) : OfProcess;

    /// <summary>The assemblies that this process was started with, without the framework's.</summary>
    /// <exception cref="SparkException">It was published as a single file, which cannot be read.</exception>
    public static IEnumerable<ShippedFile> Shipped => Layout.Assemblies;

    /// <summary>Whether this node has an assembly of this name by itself: applications use the node's.</summary>
    public static bool IsOfNode(string name) => IsOnEveryNode(name) || OfProcess.IsFrameworkName(name);

    /// <summary>
    /// Whether every node has an assembly of this name: it is the runtime's, or a part of Sparkish. Other frameworks, such as ASP.NET Core, are on some
    /// nodes only, and their assemblies travel like an application's own.
    /// </summary>
    public static bool IsOnEveryNode(string name) => IsShared(name) || OfProcess.IsRuntimeName(name);

    /// <summary>
    /// Whether applications and Sparkish must share one copy of an assembly, whichever version the application brings: it is a part of Sparkish, or
    /// its types stand in Sparkish's signatures (<c>ILoggerFactory</c>).
    /// </summary>
    public static bool IsShared(string name) =>
        IsSparkish(name) || name is "Microsoft.Extensions.Logging.Abstractions" or "Microsoft.Extensions.DependencyInjection.Abstractions";

    /// <summary>Whether an assembly is one of those parts of Sparkish that every node has.</summary>
    public static bool IsSparkish(string name) => name is "Sparkish.Core" or "Sparkish.Scheduler" or "Sparkish.Deploy";

    /// <summary>Whether a file is the framework's.</summary>
    public static bool IsFramework(string file) => OfProcess.IsFramework(file);
}
