using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>Distinguishes Sparkish's own assemblies from those of applications.</summary>
internal static class SparkishAssemblies
{
    // The conformance suite of Sparkish.TestKit.NUnit does not belong to them: it deploys its own functions, like an application.
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "Sparkish.Core", "Sparkish.Scheduler", "Sparkish.Deploy", "Sparkish.Hosting", "Sparkish.TestKit", "sparkish",
    };

    private static readonly ConditionalWeakTable<Assembly, object> Known = [];

    public static bool Contains(Assembly assembly) => (bool)Known.GetValue(assembly, static assembly => Names.Contains(AssemblyNames.Of(assembly)));
}
