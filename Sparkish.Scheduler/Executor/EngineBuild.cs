using System.Reflection;

namespace Sparkish.Executor;

/// <summary>The build of the engine. Tasks name methods of the engine by their position in its module, so driver and executors need the same build.</summary>
internal static class EngineBuild
{
    /// <summary>The version and the module version id, such as <c>0.1.0 (461d1387-…)</c>.</summary>
    public static string Current { get; } =
        $"{typeof(EngineBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion} ({typeof(EngineBuild).Module.ModuleVersionId})";
}
