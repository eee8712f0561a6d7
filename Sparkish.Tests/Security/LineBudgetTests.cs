using Sparkish.Validation;

namespace Sparkish.Tests.Security;

/// <summary>How many lines of one kind peers can cause.</summary>
internal sealed class LineBudgetTests
{
    [Test]
    public void A_source_that_uses_up_its_lines_takes_none_of_another()
    {
        var budget = new LineBudget(new Clock());

        var loud = Enumerable.Range(0, 1000).Count(_ => budget.TryTake("loud", out var _));

        Assert.That(loud, Is.EqualTo(LineBudget.LinesAtOnce));
        Assert.That(budget.TryTake("quiet", out var leftOut), Is.True);
        Assert.That(leftOut, Is.Empty);
    }

    [Test]
    public void The_next_line_of_a_source_tells_how_many_were_left_out()
    {
        var clock = new Clock();
        var budget = new LineBudget(clock);
        for (var i = 0; i < LineBudget.LinesAtOnce + 3; i++) budget.TryTake("loud", out _);

        clock.Now += TimeSpan.FromSeconds(10);

        Assert.That((budget.TryTake("loud", out var first), first), Is.EqualTo((true, " (left out before this line: 3)")));
        Assert.That((budget.TryTake("loud", out var second), second), Is.EqualTo((true, "")));
    }

    [Test]
    public void Ever_new_sources_share_one_budget_and_quiet_ones_make_room()
    {
        var clock = new Clock();
        var budget = new LineBudget(clock);

        var lines = Enumerable.Range(0, 10_000).Count(i => budget.TryTake($"source {i}", out _));
        clock.Now += TimeSpan.FromSeconds(10);

        Assert.That(lines, Is.EqualTo(64 + LineBudget.LinesAtOnce));
        Assert.That(Enumerable.Range(0, 10).Count(_ => budget.TryTake("new", out var _)), Is.EqualTo(LineBudget.LinesAtOnce));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
