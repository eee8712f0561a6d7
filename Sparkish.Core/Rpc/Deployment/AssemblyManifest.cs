using System.Reflection;
using Sparkish.Assemblies;
using Sparkish.Rpc.Files;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc.Deployment;

/// <summary>The assemblies that an object graph or a type needs: those of the types that it names, and all that they reference.</summary>
internal static class AssemblyManifest
{
    /// <summary>The assemblies of the types in an object graph, which is read once to find them.</summary>
    public static IReadOnlyList<Assembly> Named(ReadOnlySpan<byte> graph, RpcEnv env)
    {
        var named = new HashSet<Assembly>();
        var binder = new TypeBinder(name =>
        {
            var found = TypeBinder.Application.Resolve(name);
            if (found is not null) named.Add(found);
            return found;
        });
        ObjectSerializer.Deserialize<Func<RpcEndpoint>>(graph, new RpcSerializationContext(env) { Types = binder, Trust = Trust.Own });
        return [.. named];
    }

    /// <summary>Creates the manifest of some assemblies and all that they reference, without those that every node has.</summary>
    /// <exception cref="SparkException">One of them has no file that a node could fetch.</exception>
    public static DeployedAssembly[] Of(IEnumerable<Assembly> roots, RpcEnvFileServer files)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var manifest = new List<DeployedAssembly>();
        var left = new Queue<Assembly>(roots);
        while (left.TryDequeue(out var assembly))
        {
            var name = assembly.GetName().Name ?? "";
            if (ApplicationFiles.IsOnEveryNode(name) || !seen.Add(name)) continue;
            manifest.Add(Describe(assembly, name, files));
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                // A reference that cannot be resolved here is not used by code that runs here.
                if (!ApplicationFiles.IsOnEveryNode(reference.Name ?? "") && TypeBinder.Application.Resolve(reference) is { } found) left.Enqueue(found);
            }
        }

        return [.. manifest];
    }

    /// <summary>Whether this process already has exactly the same assemblies.</summary>
    public static bool IsOfThisProcess(IEnumerable<DeployedAssembly> assemblies) =>
        assemblies.All(assembly => AssemblySource.Find(assembly.Name) is { } file && ModuleVersion.Of(file) == assembly.Version);

    private static DeployedAssembly Describe(Assembly assembly, string name, RpcEnvFileServer files)
    {
        var file = AssemblySource.Find(name)
            ?? throw new SparkException($"Assembly {name} has no file that a node could fetch: it was created or loaded in memory. Load it from a file.");
        if (CodeVersion.ReasonAgainst(assembly) is { } reason) throw new SparkException($"Assembly {name} cannot be deployed: {reason}.");
        return new DeployedAssembly(name, assembly.ManifestModule.ModuleVersionId, files.VersionOf(file).Hash);
    }
}
