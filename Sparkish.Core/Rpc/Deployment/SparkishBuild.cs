using System.Reflection;

namespace Sparkish.Rpc.Deployment;

/// <summary>The build of Sparkish. Code compiled against one build may not run on another.</summary>
internal static class SparkishBuild
{
    /// <summary>The version and the module version id, such as <c>0.1.0 (461d1387-…)</c>.</summary>
    public static string Current { get; } =
        $"{typeof(SparkishBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} ({typeof(SparkishBuild).Module.ModuleVersionId})";
}
