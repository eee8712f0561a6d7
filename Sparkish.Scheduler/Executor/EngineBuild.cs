using System.Reflection;

namespace Sparkish.Executor;

/// <summary>Which build of the engine this is. Tasks name methods of the engine by their place in its module, so driver and executors need the same.</summary>
internal static class EngineBuild
{
    /// <summary>The version and the module version id, such as <c>0.1.0 (461d1387-…)</c>.</summary>
    public static string Current { get; } =
        $"{typeof(EngineBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} ({typeof(EngineBuild).Module.ModuleVersionId})";
}
