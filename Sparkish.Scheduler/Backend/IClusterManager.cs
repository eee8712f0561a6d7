using Sparkish.Serialization.Messages;

namespace Sparkish.Backend;

/// <summary>
/// Brings a kind of cluster to the scheduler, chosen by the master URL. Found through <see cref="ClusterManagerAttribute"/> on the assemblies that the
/// application ships; needs a parameterless constructor.
/// </summary>
public interface IClusterManager
{
    /// <summary>Whether this manager serves such a master URL.</summary>
    bool CanCreate(string masterUrl);

    /// <summary>
    /// Whether the cluster makes a secret for each application and tells it to the driver and to the executors. The driver then takes connections only from
    /// those that prove it; else from those that prove what its settings say.
    /// </summary>
    bool GivesApplicationSecrets => false;

    /// <summary>Adds the messages of this kind of cluster to those that the driver's env sends and takes; called before that env is made.</summary>
    void RegisterMessages(MessageRegistry messages) { }

    /// <summary>Makes the backend of one application; nothing is started yet.</summary>
    /// <exception cref="SparkException">The URL is malformed; the message says how it is written.</exception>
    SchedulerBackend Create(string masterUrl, SchedulerBackendContext context);
}

/// <summary>Names a cluster manager that an assembly brings.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ClusterManagerAttribute(Type manager) : Attribute
{
    /// <summary>The type that implements <see cref="IClusterManager"/>.</summary>
    public Type Manager { get; } = manager;
}
