namespace Sparkish.Tests;

/// <summary>Contexts within the test's process.</summary>
internal static class LocalContext
{
    public static SparkContext Start(string master = "local[2]", params (string Key, string Value)[] settings)
    {
        return Start(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, master, settings);
    }

    /// <summary>The same with a log.</summary>
    public static SparkContext Start(Microsoft.Extensions.Logging.ILoggerFactory log, string master = "local[2]", params (string Key, string Value)[] settings)
    {
        var conf = TestedEnv.NewConf().SetMaster(master).SetAppName("test").Set("spark.ui.showConsoleProgress", "false");
        foreach (var (key, value) in settings) conf.Set(key, value);
        return new SparkContext(conf, log);
    }
}
