namespace Sparkish.Configuration;

/// <summary>The directory of shuffle files and other temporary files.</summary>
internal static class LocalDirectory
{
    /// <summary><c>spark.local.dir</c>, or the system's temporary directory.</summary>
    public static string From(SparkConf conf) => conf.Get(SchedulerKeys.LocalDir) is { Length: > 0 } set ? set : Path.GetTempPath();
}
