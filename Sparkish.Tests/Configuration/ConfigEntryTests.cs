using Sparkish.Configuration;

namespace Sparkish.Tests.Configuration;

public sealed class ConfigEntryTests
{
    [TestCase("500ms", 500)]
    [TestCase("20s", 20_000)]
    [TestCase("20", 20_000)]
    [TestCase("5min", 300_000)]
    [TestCase("2h", 7_200_000)]
    public void Durations_are_written_as_in_Spark(string text, double milliseconds)
    {
        Assert.That(ConfigEntry.ParseDuration(text), Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [TestCase("512", 512L)]
    [TestCase("4k", 4096L)]
    [TestCase("1gb", 1L << 30)]
    [TestCase("2G", 2L << 30)]
    public void Sizes_are_powers_of_1024(string text, long bytes)
    {
        Assert.That(ConfigEntry.ParseBytes(text), Is.EqualTo(bytes));
    }

    [Test]
    public void A_wrong_value_names_key_value_and_what_is_expected()
    {
        var timeout = ConfigEntry.Duration("spark.some.timeout", TimeSpan.FromSeconds(1), "");
        var conf = new SparkConf(loadDefaults: false).Set("spark.some.timeout", "1.5s");

        Assert.That(() => conf.Get(timeout), Throws.TypeOf<SparkException>()
            .With.Message.EqualTo("spark.some.timeout is '1.5s' but must be a duration such as '500ms', '20s' or '5min'."));
    }

    [TestCase("0")]
    [TestCase("70000")]
    [TestCase("x")]
    public void Numbers_are_checked_against_their_bounds(string text)
    {
        var port = ConfigEntry.Int("spark.some.port", 1, "", min: 1, max: 65535);

        Assert.That(() => port.Parse(text), Throws.TypeOf<SparkException>()
            .With.Message.EqualTo($"spark.some.port is '{text}' but must be a whole number from 1 to 65535."));
    }

    [Test]
    public void What_is_not_set_has_its_default()
    {
        Assert.That(new SparkConf(loadDefaults: false).Get(ConfigEntry.Bool("spark.some.flag", true, "")), Is.True);
    }

    [TestCase("spark.executer.memory", "spark.executor.memory")]
    [TestCase("spark.executor.Memory", "spark.executor.memory")]
    [TestCase("spark.executor.memory", null)]
    [TestCase("spark.serializer", null)]
    [TestCase("my.executor.memory", null)]
    public void A_slip_of_the_pen_is_told_from_a_key_of_someone_else(string key, string? meant)
    {
        Assert.That(new KnownKeys(["spark.executor.cores", "spark.executor.memory"]).Suggest(key), Is.EqualTo(meant));
    }

    [TestCase("spark.rpc.askTimeot", "spark.rpc.askTimeout")]
    [TestCase("spark.task.maxFailure", "spark.task.maxFailures")]
    [TestCase("spark.cores.maxx", null)]
    public void The_keys_of_the_assemblies_in_use_are_known(string key, string? meant)
    {
        var known = KnownKeys.DeclaredIn(typeof(SparkConf).Assembly, typeof(SparkContext).Assembly);

        Assert.That(known.Suggest(key), Is.EqualTo(meant));
    }

    [Test]
    public void A_clone_changes_by_itself()
    {
        var conf = new SparkConf(loadDefaults: false).SetMaster("local");

        conf.Clone().SetMaster("local[4]");

        Assert.That(conf.Get("spark.master"), Is.EqualTo("local"));
    }
}
