namespace Sparkish.Assemblies;

/// <summary>Distinguishes the assemblies that every node has, the shared framework's and Sparkish's, from those of this process's application.</summary>
internal static class ApplicationFiles
{
    private static readonly HostProperties Host = HostProperties.OfProcess();

    /// <summary>The layout of the files of this process's application.</summary>
    private static readonly ApplicationLayout OfProcess = new(Host);

    /// <summary>The layout of the files of this process's application.</summary>
    /// <exception cref="SparkException">The application was published as a single file, which cannot be read.</exception>
    public static ApplicationLayout Layout => Host.BundleError is { } error ? throw new SparkException(error.Message, error) : OfProcess;

    /// <summary>The assemblies that this process was started with, without the framework's.</summary>
    /// <exception cref="SparkException">The application was published as a single file, which cannot be read.</exception>
    public static IEnumerable<ShippedFile> Shipped => Layout.Assemblies;

    /// <summary>Whether this node has an assembly of this name: applications use the node's.</summary>
    public static bool IsOfNode(string name) => IsOnEveryNode(name) || OfProcess.IsFrameworkName(name);

    /// <summary>
    /// Whether every node has an assembly of this name: it belongs to the runtime or to Sparkish. Other frameworks, such as ASP.NET Core, are on some nodes
    /// only, and their assemblies are sent like an application's own.
    /// </summary>
    public static bool IsOnEveryNode(string name) => IsShared(name) || OfProcess.IsRuntimeName(name);

    /// <summary>
    /// Whether applications and Sparkish must share one copy of an assembly, regardless of the application's version. They must if it is a part of Sparkish, or
    /// if its types occur in Sparkish's signatures (<c>ILoggerFactory</c>).
    /// </summary>
    public static bool IsShared(string name) =>
        IsSparkish(name) || name is "Microsoft.Extensions.Logging.Abstractions" or "Microsoft.Extensions.DependencyInjection.Abstractions";

    /// <summary>Whether an assembly is one of the parts of Sparkish that every node has.</summary>
    public static bool IsSparkish(string name) => name is "Sparkish.Core" or "Sparkish.Scheduler" or "Sparkish.Deploy";

    /// <summary>Whether a file is the framework's.</summary>
    public static bool IsFramework(string file) => OfProcess.IsFramework(file);
}
