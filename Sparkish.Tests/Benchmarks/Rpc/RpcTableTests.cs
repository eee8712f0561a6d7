using Sparkish.Benchmarks.Comparing;
using Sparkish.Benchmarks.Rpc;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class RpcTableTests
{
    [TestCase(31_234_567, "1/s", "31.23 M/s")]
    [TestCase(250_000, "1/s", "250.0 k/s")]
    [TestCase(12, "1/s", "12 1/s")]
    [TestCase(0.0000245, "s", "24.5 µs")]
    [TestCase(4_294_967_296, "B/s", "4.00 GiB/s")]
    [TestCase(299.7, "B", "300 B")]
    public void Values_stand_in_units_that_a_person_reads(double value, string unit, string expected) =>
        Assert.That(RpcTable.InUnit(value, unit), Is.EqualTo(expected));

    [TestCase("rpc.local.tell", 30e6, "1/s", 1, true)]
    [TestCase("rpc.local.tell", 29e6, "1/s", 1, false)]
    [TestCase("rpc.idle.bytes", 300, "B", 300, true)]
    [TestCase("rpc.idle.bytes", 301, "B", 300, false)]
    [TestCase("rpc.remote.ask.1.p50", 13e-6, "s", 10.1e-6, true)]
    [TestCase("rpc.remote.ask.1.p50", 13e-6, "s", 9.9e-6, false)]
    [TestCase("rpc.bulk.tls", 0.81, "B/s", 1, true)]
    [TestCase("rpc.bulk.tls", 0.79, "B/s", 1, false)]
    [TestCase("rpc.remote.oneway.64.spark", 5e6, "1/s", 0.09e6, true)]
    public void A_goal_is_a_value_or_a_ratio(string name, double value, string unit, double baseline, bool reached)
    {
        var figure = Figure.Of(name, value, unit, baseline, "bare", "ok");

        Assert.That(RpcGoals.Of(name)!.IsReached(figure, new Dictionary<string, Figure>(StringComparer.Ordinal)), Is.EqualTo(reached));
    }

    [TestCase(30e-6, true)]
    [TestCase(31e-6, false)]
    public void The_99th_percentile_is_held_against_the_median_of_the_same_run(double p99, bool reached)
    {
        var p50 = Figure.Of("rpc.remote.ask.1.p50", 10e-6, "s", 1, "bare", "ok");
        var figure = Figure.Of("rpc.remote.ask.1.p99", p99, "s", 1, "bare", "ok");

        var all = new[] { p50, figure }.ToDictionary(one => one.Name, StringComparer.Ordinal);

        Assert.That(RpcGoals.Of(figure.Name)!.IsReached(figure, all), Is.EqualTo(reached));
    }
}
