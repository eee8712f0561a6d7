namespace Sparkish.Configuration;

/// <summary>Where shuffle files and other scratch go.</summary>
internal static class LocalDirectory
{
    /// <summary><c>spark.local.dir</c>, or the system's temporary directory.</summary>
    public static string From(SparkConf conf) => conf.Get(SchedulerKeys.LocalDir) is { Length: > 0 } set ? set : Path.GetTempPath();
}
