using System.Reflection;
using Sparkish.Assemblies;
using Sparkish.Rpc.Files;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc.Deployment;

/// <summary>Which assemblies of an application something needs: those whose types it names, and all that they refer to.</summary>
internal static class AssemblyManifest
{
    /// <summary>The assemblies whose types a graph of objects names; it is read once to tell.</summary>
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

    /// <summary>The manifest of some assemblies and all that they refer to, without those that each node has.</summary>
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
                // A reference that leads to nothing here is used by no code that runs here.
                if (!ApplicationFiles.IsOnEveryNode(reference.Name ?? "") && TypeBinder.Application.Resolve(reference) is { } found) left.Enqueue(found);
            }
        }

        return [.. manifest];
    }

    /// <summary>Whether this process has the very same assemblies by itself.</summary>
    public static bool IsOfThisProcess(IEnumerable<DeployedAssembly> assemblies) =>
        assemblies.All(assembly => AssemblySource.Find(assembly.Name) is { } file && ModuleVersion.Of(file) == assembly.Version);

    private static DeployedAssembly Describe(Assembly assembly, string name, RpcEnvFileServer files)
    {
        var file = AssemblySource.Find(name)
            ?? throw new SparkException($"Assembly {name} has no file that a node could fetch: it was made or loaded in memory. Load it from a file.");
        if (CodeVersion.ReasonAgainst(assembly) is { } reason) throw new SparkException($"Assembly {name} cannot be deployed: {reason}.");
        return new DeployedAssembly(name, assembly.ManifestModule.ModuleVersionId, files.VersionOf(file).Hash);
    }
}
