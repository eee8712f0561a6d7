using Sparkish.Serialization.Messages;

namespace Sparkish.Backend;

/// <summary>
/// Connects the scheduler to a kind of cluster, chosen by the master URL. Found through <see cref="ClusterManagerAttribute"/> on the assemblies of the
/// application; needs a parameterless constructor.
/// </summary>
public interface IClusterManager
{
    /// <summary>Whether this manager supports a master URL.</summary>
    bool CanCreate(string masterUrl);

    /// <summary>
    /// Whether the cluster creates a secret for each application and sends it to the driver and to the executors. The driver then accepts only connections that
    /// prove this secret; otherwise its settings decide.
    /// </summary>
    bool GivesApplicationSecrets => false;

    /// <summary>Adds the messages of this kind of cluster to those of the driver's env; called before that env is created.</summary>
    void RegisterMessages(MessageRegistry messages) { }

    /// <summary>Creates the backend of one application, without starting anything.</summary>
    /// <exception cref="SparkException">The URL is malformed; the message gives the format.</exception>
    SchedulerBackend Create(string masterUrl, SchedulerBackendContext context);
}

/// <summary>Names a cluster manager in an assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ClusterManagerAttribute(Type manager) : Attribute
{
    /// <summary>The type that implements <see cref="IClusterManager"/>.</summary>
    public Type Manager { get; } = manager;
}
