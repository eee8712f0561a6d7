using Sparkish.Backend;
using Sparkish.Deploy.LocalCluster;
using Sparkish.Serialization.Messages;

[assembly: ClusterManager(typeof(LocalClusterManager))]

namespace Sparkish.Deploy.LocalCluster;

/// <summary>Connects the scheduler to <c>local-cluster[workers,cores,MiB]</c>.</summary>
internal sealed class LocalClusterManager : IClusterManager
{
    /// <inheritdoc/>
    public bool CanCreate(string masterUrl) => masterUrl.StartsWith(LocalClusterUrl.Prefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool GivesApplicationSecrets => true;

    /// <inheritdoc/>
    public void RegisterMessages(MessageRegistry messages) => DeployMessages.Register(messages);

    /// <inheritdoc/>
    public SchedulerBackend Create(string masterUrl, SchedulerBackendContext context) => new LocalClusterBackend(context, LocalClusterUrl.Parse(masterUrl));
}
