using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Tests.Benchmarks.Rpc;

internal sealed class FigureSelectionTests
{
    [TestCase("rpc.remote.ask.1", true)]
    [TestCase("remote.ask.1.p99", true)]
    [TestCase("remote.ask", true)]
    [TestCase("rpc", true)]
    [TestCase("local,remote.ask", true)]
    [TestCase("remote.ask.16", false)]
    [TestCase("remote.as", false)]
    [TestCase("bulk", false)]
    public void A_contest_is_chosen_by_a_name_or_its_first_parts(string only, bool chosen) =>
        Assert.That(new FigureSelection([only]).Includes(ContestOf("rpc.remote.ask.1", "rpc.remote.ask.1.p50", "rpc.remote.ask.1.p99")), Is.EqualTo(chosen));

    [Test]
    public void Without_names_all_are_chosen() => Assert.That(new FigureSelection([]).Includes(ContestOf("rpc.bulk")), Is.True);

    private static Contest ContestOf(params string[] names)
    {
        Side side = _ => Task.FromResult<double[]>([]);
        return new Contest("bare socket", [.. names.Select(name => new Metric(name, "1/s"))], side, side);
    }
}
