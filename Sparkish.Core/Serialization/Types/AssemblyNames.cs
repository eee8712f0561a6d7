using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>A cache of simple names of assemblies; asking an assembly itself takes a microsecond each time.</summary>
internal static class AssemblyNames
{
    private static readonly ConditionalWeakTable<Assembly, string> Names = [];

    public static string Of(Assembly assembly) => Names.GetValue(assembly, static assembly => assembly.GetName().Name ?? "");
}
