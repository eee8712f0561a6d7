using System.Reflection;

namespace Sparkish.Serialization;

/// <summary>
/// Turns names from the wire into types and methods: finds assemblies, checks module versions, and admits only types of the application's
/// assemblies, of Sparkish, and a list of plain framework types. Safe for all threads; results are cached.
/// </summary>
public sealed class TypeBinder
{
    private readonly Func<AssemblyName, Assembly?> _resolve;

    /// <summary>Makes a binder that finds assemblies by a function; null means not found.</summary>
    public TypeBinder(Func<AssemblyName, Assembly?> resolve) => _resolve = resolve;

    /// <summary>The binder of this process's own application.</summary>
    public static TypeBinder Application { get; } = new(Assembly.Load);

    internal Assembly? Resolve(AssemblyName name) => _resolve(name);
}
