using Sparkish.Rpc;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Shuffle;

public sealed class FetchPlanTests
{
    [Test]
    public void Outputs_of_an_executor_are_asked_for_together_and_empty_ones_not_at_all()
    {
        MapStatus[] statuses = [Output("a", 10), Output("b", 11), Output("a", 12), Output("b", 13, empty: true)];

        var requests = FetchPlan.Make(statuses, shuffleId: 1, reduceId: 0);

        Assert.That(requests.Select(request => (request.Outputs[0].Status.ExecutorId, string.Join(',', request.Outputs.Select(output => output.Status.MapId)))),
            Is.EqualTo(new[] { ("a", "10,12"), ("b", "11") }));
    }

    [Test]
    public void Each_reduce_partition_starts_with_another_executor()
    {
        MapStatus[] statuses = [Output("a", 10), Output("b", 11), Output("c", 12)];

        var first = Enumerable.Range(0, 3).Select(reduceId => FetchPlan.Make(statuses, 1, reduceId).First().Outputs[0].Status.ExecutorId);

        Assert.That(first, Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void An_output_without_a_place_fails_the_fetch()
    {
        var error = Assert.Throws<FetchFailedException>(() => FetchPlan.Make([Output("a", 10), null], shuffleId: 4, reduceId: 2).ToArray());

        Assert.That(error.Failure, Is.EqualTo(new FetchFailure(4, 1, 2, null, "The location of output 1 of shuffle 4 is unknown.")));
    }

    [TestCase(0L, 0)]
    [TestCase(1L, 1)]
    [TestCase(1000L, 73)]
    [TestCase(long.MaxValue, 255)]
    public void Sizes_are_coded_on_Sparks_scale(long bytes, int code)
    {
        Assert.That(MapStatus.EncodeSize(bytes), Is.EqualTo(code));
    }

    private static MapStatus Output(string executor, long mapId, bool empty = false)
    {
        var code = (byte)(empty ? 0 : 9);
        return new MapStatus(executor, new RpcAddress(executor, 1), mapId, [code, code, code]);
    }
}
