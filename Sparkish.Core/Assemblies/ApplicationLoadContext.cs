using System.Reflection;
using System.Runtime.Loader;

namespace Sparkish.Assemblies;

/// <summary>
/// Where a node loads the assemblies of another process's application: from files that <paramref name="find"/> names, null for what the application
/// has not. The framework and Sparkish itself come from this process.
/// </summary>
internal sealed class ApplicationLoadContext(string name, Func<string, string?> find, bool isCollectible = false) : AssemblyLoadContext(name, isCollectible)
{
    protected override Assembly? Load(AssemblyName assemblyName) =>
        !ApplicationFiles.IsOfNode(assemblyName.Name!) && find(assemblyName.Name!) is { } file ? LoadFromAssemblyPath(file) : null;
}
