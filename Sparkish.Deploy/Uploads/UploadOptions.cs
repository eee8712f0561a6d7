using Sparkish.Configuration;
using Sparkish.Deploy.Recovery;

namespace Sparkish.Deploy.Uploads;

/// <summary>The checked settings of the uploads of a master.</summary>
/// <param name="Directory">Where packages are kept; null for a directory that ends with the process.</param>
/// <param name="Parent">The parent of that directory.</param>
/// <param name="MaxSize">The most bytes of one package.</param>
/// <param name="MaxTotalSize">The most bytes of all packages.</param>
internal sealed record UploadOptions(string? Directory, string Parent, long MaxSize, long MaxTotalSize)
{
    /// <summary>Time for which a package is kept although no driver needs it: between its upload and the submission.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time after which an upload without a further part is given up.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The interval at which packages that nobody needs are removed.</summary>
    public TimeSpan CleaningInterval { get; init; } = TimeSpan.FromSeconds(10);

    public static UploadOptions From(SparkConf conf)
    {
        var named = conf.Get(DeployKeys.UploadDirectory);
        var recovery = conf.Get(RecoveryKeys.Directory);
        var directory = named.Length > 0 ? named : recovery.Length > 0 ? Path.Combine(recovery, "uploads") : null;
        return new UploadOptions(directory is null ? null : Path.GetFullPath(directory), LocalDirectory.From(conf),
            conf.Get(DeployKeys.UploadMaxSize), conf.Get(DeployKeys.UploadMaxTotalSize));
    }
}
