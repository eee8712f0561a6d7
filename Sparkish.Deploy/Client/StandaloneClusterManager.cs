using Sparkish.Backend;
using Sparkish.Serialization.Messages;

[assembly: ClusterManager(typeof(Sparkish.Deploy.Client.StandaloneClusterManager))]

namespace Sparkish.Deploy.Client;

/// <summary>Connects the scheduler to <c>spark://host:port</c>.</summary>
internal sealed class StandaloneClusterManager : IClusterManager
{
    /// <inheritdoc/>
    public bool CanCreate(string masterUrl) => masterUrl.StartsWith("spark://", StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool GivesApplicationSecrets => true;

    /// <inheritdoc/>
    public void RegisterMessages(MessageRegistry messages) => DeployMessages.Register(messages);

    /// <inheritdoc/>
    public SchedulerBackend Create(string masterUrl, SchedulerBackendContext context) => new StandaloneSchedulerBackend(context, MasterUrl.Parse(masterUrl));
}
