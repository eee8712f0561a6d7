using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Rest;

/// <summary>
/// Lets a program that started on the plain .NET runtime use ASP.NET Core, whose shared framework is installed beside that runtime. So only machines that
/// serve HTTP need it. A program that started with ASP.NET Core has it already.
/// </summary>
internal static class AspNetCoreRuntime
{
    private const string Framework = "Microsoft.AspNetCore.App";
    private const string Probe = "Microsoft.AspNetCore.Server.Kestrel.Core";

    private static readonly Lock Once = new();
    private static string? _directory;

    /// <summary>Makes the assemblies of ASP.NET Core loadable. Call it before a method that mentions their types.</summary>
    /// <exception cref="SparkException">ASP.NET Core is not installed.</exception>
    public static void Load()
    {
        lock (Once)
        {
            if (_directory is not null || IsLoadable()) return;
            _directory = Find(Path.GetDirectoryName(typeof(object).Assembly.Location)!, Environment.Version);
            AssemblyLoadContext.Default.Resolving += Resolve;
        }
    }

    /// <summary>Finds the newest installed version that fits a runtime.</summary>
    /// <param name="runtime">The directory of the runtime, <c>…/shared/Microsoft.NETCore.App/10.0.1</c>.</param>
    /// <param name="version">The version of the runtime.</param>
    /// <exception cref="SparkException">There is none.</exception>
    public static string Find(string runtime, Version version)
    {
        var frameworks = Path.GetFullPath(Path.Combine(runtime, "..", "..", Framework));
        var installed = Directory.Exists(frameworks) ? Directory.EnumerateDirectories(frameworks) : [];
        return installed.Select(static path => (Path: path, Version: Version.TryParse(Path.GetFileName(path), out var found) ? found : new Version()))
            .Where(one => one.Version.Major == version.Major && one.Version.Minor == version.Minor)
            .OrderByDescending(static one => one.Version).Select(static one => one.Path).FirstOrDefault()
            ?? throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                $"spark.master.rest.enabled is 'true', but ASP.NET Core {version.Major}.{version.Minor} is not in '{frameworks}': install the ASP.NET Core runtime, ")
                + "or submit with 'sparkish submit', which needs no HTTP.");
    }

    private static bool IsLoadable()
    {
        try
        {
            Assembly.Load(Probe);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && Path.Combine(_directory!, simple + ".dll") is var path && File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
}
