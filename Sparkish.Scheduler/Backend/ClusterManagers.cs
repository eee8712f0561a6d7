using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Sparkish.Executor;

namespace Sparkish.Backend;

/// <summary>Finds the cluster manager for a master URL among those that the application ships.</summary>
internal static class ClusterManagers
{
    public static SchedulerBackend CreateBackend(string master, SchedulerBackendContext context)
    {
        if (LocalMaster.TryParse(master) is { } local) return new LocalSchedulerBackend(local, context);
        var manager = Find().FirstOrDefault(candidate => candidate.CanCreate(master)) ?? throw new SparkException(
            $"spark.master is '{master}', but no cluster manager serves it: write local[N], local-cluster[workers,cores,MiB] or spark://host:port, and reference the package Sparkish.Deploy for the latter two.");
        return manager.Create(master, context);
    }

    private static IEnumerable<IClusterManager> Find() =>
        from file in ApplicationFiles.Shipped
        where ReferencesThisAssembly(file)
        from attribute in Assembly.Load(AssemblyName.GetAssemblyName(file)).GetCustomAttributes<ClusterManagerAttribute>()
        select (IClusterManager)Activator.CreateInstance(attribute.Manager)!;

    /// <summary>A cluster manager implements an interface of this assembly, so the others need not be loaded to be looked at.</summary>
    private static bool ReferencesThisAssembly(string file)
    {
        var own = typeof(ClusterManagers).Assembly.GetName().Name!;
        using var reader = new PEReader(File.OpenRead(file));
        if (!reader.HasMetadata) return false;
        var metadata = reader.GetMetadataReader();
        return metadata.AssemblyReferences.Any(reference => metadata.StringComparer.Equals(metadata.GetAssemblyReference(reference).Name, own));
    }
}
