using Sparkish.Deploy.LocalCluster;

namespace Sparkish.Tests.Deploy.LocalCluster;

internal sealed class LocalClusterUrlTests
{
    [TestCase("local-cluster[2,1,1024]")]
    [TestCase("local-cluster[ 2 , 1 , 1024 ]")]
    public void Workers_cores_and_memory_are_read(string url) => Assert.That(LocalClusterUrl.Parse(url), Is.EqualTo(new LocalClusterUrl(2, 1, 1024)));

    [TestCase("local-cluster")]
    [TestCase("local-cluster[2,1]")]
    [TestCase("local-cluster[0,1,1024]")]
    [TestCase("local-cluster[2,1,99999999999]")]
    public void What_is_no_such_url_is_refused_with_its_form(string url) =>
        Assert.That(() => LocalClusterUrl.Parse(url), Throws.TypeOf<SparkException>().With.Message.EqualTo(
            $"Invalid master URL: '{url}'. Write it as local-cluster[workers,cores,MiB] with whole numbers from 1, such as local-cluster[2,1,1024]."));
}
