using Sparkish.Benchmarks.Rpc.Peer;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class SparkRpcReadingsTests
{
    [Test]
    public void A_load_that_ran_only_to_warm_up_is_an_error() =>
        Assert.That(() => SparkRpcReadings.Parse("spark", [["""{"engine":"spark","rpc":"local one-way","per_s":1300000}"""]]),
            Throws.TypeOf<SparkException>().With.Message.EqualTo("spark printed no second round of 'local one-way'."));
}
