using System.Globalization;
using Sparkish.Backend;
using Sparkish.Tests.ClusterManager;

// <snippet manager>
[assembly: ClusterManager(typeof(TestsClusterManager))]

namespace Sparkish.Tests.ClusterManager;

/// <summary>Connects the scheduler to <c>tests://N</c>: N executors of one core each, inside the driver's process.</summary>
public sealed class TestsClusterManager : IClusterManager
{
    private const string Scheme = "tests://";

    /// <inheritdoc/>
    public bool CanCreate(string masterUrl)
    {
        ArgumentNullException.ThrowIfNull(masterUrl);
        return masterUrl.StartsWith(Scheme, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public SchedulerBackend Create(string masterUrl, SchedulerBackendContext context)
    {
        ArgumentNullException.ThrowIfNull(masterUrl);
        return int.TryParse(masterUrl[Scheme.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var executors) && executors is > 0 and <= 100
            ? new TestsBackend(context, executors)
            : throw new SparkException($"The master is '{masterUrl}' but must be {Scheme}N with 1 to 100 executors, such as {Scheme}2.");
    }
}
// </snippet>
