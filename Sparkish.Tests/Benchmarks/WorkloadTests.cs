using Sparkish.Benchmarks.Workloads;

namespace Sparkish.Tests.Benchmarks;

internal sealed class WorkloadTests
{
    [TestCase(0, -2152535657050944081)]
    [TestCase(1, -7995527694508729151)]
    [TestCase(2, -7541218347953203506)]
    public void Generated_numbers_are_those_of_splitmix64(long index, long expected) => Assert.That(SplitMix.Mix(index), Is.EqualTo(expected));

    [TestCase("first", "999000")]
    [TestCase("jobs n=3", "9")]
    [TestCase("tasks n=5", "5")]
    [TestCase("map n=1000", "752000")]
    [TestCase("sort n=1000", "1000/true")]
    public async Task A_workload_has_the_check_value_that_the_peer_has(string line, string check)
    {
        var words = line.Split(' ');
        await using var sc = new SparkContext(new SparkConf(loadDefaults: false).SetMaster("local[2]").SetAppName(line));

        var seen = Workload.Named(words[0])(sc, new WorkloadSettings(words[1..]));

        Assert.That(seen, Is.EqualTo(check));
    }

    [Test]
    public void An_unknown_workload_is_an_error_that_lists_the_known() =>
        Assert.That(() => Workload.Named("pagerank"), Throws.TypeOf<SparkException>().With.Message.EqualTo(
            "'pagerank' is no workload: choose from aggregate, first, jobs, map, sort, tasks, wordcount."));

    [TestCase("parts", "'parts' is no setting: write it as key=value, such as parts=4.")]
    [TestCase("n=many", "n is 'many' but must be a whole number of at least 1.")]
    [TestCase("n=0", "n is '0' but must be a whole number of at least 1.")]
    public void A_bad_setting_is_an_error_that_says_how_to_write_it(string setting, string message) =>
        Assert.That(() => new WorkloadSettings([setting]).Number("n", 1), Throws.TypeOf<SparkException>().With.Message.EqualTo(message));
}
