using Sparkish.Deploy.Client;

namespace Sparkish.Tests.Deploy.Client;

internal sealed class StandaloneSchedulerBackendTests
{
    [Test]
    public void Without_settings_an_application_takes_what_it_gets()
    {
        var wishes = StandaloneSchedulerBackend.Describe(new SparkConf(loadDefaults: false).SetAppName("test"), "url");

        Assert.That((wishes.Name, wishes.DriverUrl, wishes.MaxCores, wishes.CoresPerExecutor, wishes.MemoryPerExecutorMiB),
            Is.EqualTo(("test", "url", (int?)null, (int?)null, 1024)));
    }

    [Test]
    public void Settings_bound_executors()
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.cores.max", "8").Set("spark.executor.cores", "2").Set("spark.executor.memory", "512");

        var wishes = StandaloneSchedulerBackend.Describe(conf, "url");

        Assert.That((wishes.MaxCores, wishes.CoresPerExecutor, wishes.MemoryPerExecutorMiB), Is.EqualTo(((int?)8, (int?)2, 512)));
    }

    [TestCase("spark.executor.memory", "100k", "spark.executor.memory is '100k' but must be a size")]
    [TestCase("spark.executor.cores", "many", "spark.executor.cores is 'many' but must be")]
    [TestCase("spark.cores.max", "1", "spark.executor.cores is 2 but spark.cores.max is 1")]
    public void A_wrong_setting_is_named(string key, string value, string message)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.executor.cores", "2").Set(key, value);

        Assert.That(() => StandaloneSchedulerBackend.Describe(conf, "url"), Throws.TypeOf<SparkException>().With.Message.StartsWith(message));
    }
}
