using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Tests.Deploy.Worker.Processes;

internal sealed class CpuAffinityTests
{
    [Test]
    public void Executors_have_CPUs_of_their_own()
    {
        var free = new FreeCpus([3, 0, 1, 2]);

        var first = free.Take(2)!;
        var second = free.Take(2)!;
        var none = free.Take(1);
        free.Return(first);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Is.EqualTo(new[] { 0, 1 }));
            Assert.That(second, Is.EqualTo(new[] { 2, 3 }));
            Assert.That(none, Is.Null);
            Assert.That(free.Take(2), Is.EqualTo(first));
        }
    }

    [TestCase("0", "0")]
    [TestCase("0-3", "0 1 2 3")]
    [TestCase("\t0-1,8,10-11", "0 1 8 10 11")]
    public void A_list_of_CPUs_is_read(string list, string expected) => Assert.That(string.Join(' ', FreeCpus.Parse(list)), Is.EqualTo(expected));

    [Test]
    [Platform("Linux")]
    public void A_worker_with_more_cores_than_CPUs_does_not_start()
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.cpuAffinity", "true");

        Assert.That(() => CpuAffinity.From(conf, 100_000), Throws.TypeOf<SparkException>().With.Message.Contains("spark.worker.cpuAffinity").And.Message.Contains("100000"));
        Assert.That(CpuAffinity.From(new SparkConf(loadDefaults: false), 100_000), Is.Null);
    }
}
