namespace Sparkish.Deploy.Master;

/// <summary>The checked settings of a master.</summary>
internal sealed record MasterOptions(bool SpreadOutApps, int DefaultCores, int MaxExecutorRetries)
{
    public static MasterOptions From(SparkConf conf) => new(
        conf.Get(DeployKeys.SpreadOutApps), conf.Get(DeployKeys.DefaultCores), conf.Get(DeployKeys.MaxExecutorRetries));
}
