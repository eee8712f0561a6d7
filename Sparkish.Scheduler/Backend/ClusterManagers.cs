using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Sparkish.Assemblies;
using Sparkish.Serialization.Messages;

namespace Sparkish.Backend;

/// <summary>Finds the cluster manager for a master URL among those that the application ships.</summary>
internal static class ClusterManagers
{
    private static readonly Lazy<IClusterManager[]> Shipped = new(() => [.. FindAll()]);

    public static SchedulerBackend CreateBackend(string master, SchedulerBackendContext context)
    {
        if (LocalMaster.TryParse(master) is { } local) return new LocalSchedulerBackend(local, context);
        var manager = Find(master) ?? throw new SparkException(
            $"spark.master is '{master}', but no cluster manager supports it: write local[N], local-cluster[workers,cores,MiB] or spark://host:port, and reference the package Sparkish.Deploy for the latter two.");
        return manager.Create(master, context);
    }

    /// <summary>Adds the messages of such a cluster to those of the driver's env.</summary>
    public static MessageRegistry RegisterMessages(string master, MessageRegistry messages)
    {
        if (LocalMaster.TryParse(master) is null) Find(master)?.RegisterMessages(messages);
        return messages;
    }

    /// <summary>Whether the cluster creates a secret for the application.</summary>
    public static bool GiveApplicationSecrets(string master) => LocalMaster.TryParse(master) is null && Find(master)?.GivesApplicationSecrets is true;

    private static IClusterManager? Find(string master) => Shipped.Value.FirstOrDefault(candidate => candidate.CanCreate(master));

    private static IEnumerable<IClusterManager> FindAll() =>
        from file in ApplicationFiles.Shipped
        where ReferencesThisAssembly(file)
        from attribute in Assembly.Load(new AssemblyName(file.AssemblyName)).GetCustomAttributes<ClusterManagerAttribute>()
        select (IClusterManager)Activator.CreateInstance(attribute.Manager)!;

    /// <summary>A cluster manager implements an interface of this assembly, so other assemblies need not be loaded to find one.</summary>
    private static bool ReferencesThisAssembly(ShippedFile file)
    {
        var own = typeof(ClusterManagers).Assembly.GetName().Name!;
        using var reader = new PEReader(file.Open());
        if (!reader.HasMetadata) return false;
        var metadata = reader.GetMetadataReader();
        return metadata.AssemblyReferences.Any(reference => metadata.StringComparer.Equals(metadata.GetAssemblyReference(reference).Name, own));
    }
}
