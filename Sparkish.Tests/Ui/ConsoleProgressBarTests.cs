using Sparkish.Events;
using Sparkish.Ui;

namespace Sparkish.Tests.Ui;

public sealed class ConsoleProgressBarTests
{
    [TestCase(0, 2, "[Stage 3:>           (0 + 2) / 8]")]
    [TestCase(4, 2, "[Stage 3:======>     (4 + 2) / 8]")]
    [TestCase(8, 0, "[Stage 3:============(8 + 0) / 8]")]
    public void A_bar_shows_done_and_running_tasks(int done, int running, string expected)
    {
        Assert.That(ProgressLine.Draw([new StageProgress(3, 8, done, running)], 33), Is.EqualTo(expected));
    }

    [Test]
    public void Stages_share_the_width()
    {
        var stages = Enumerable.Range(0, 4).Select(id => new StageProgress(id, 8, 1, 1)).ToArray();

        Assert.That(ProgressLine.Draw(stages, 90), Has.Length.EqualTo(90).And.Contains("[Stage 2:").And.Not.Contains("[Stage 3:"));
    }

    [Test]
    public void The_bar_is_drawn_by_the_timer_and_wiped_when_the_stage_is_done()
    {
        var terminal = new StringWriter();
        var time = new ManualTimer();
        using var bar = new ConsoleProgressBar(terminal, 41, time);

        bar.OnEvent(new SparkListenerStageSubmitted(0, 0, "Map", 4));
        bar.OnEvent(new SparkListenerTaskStart(0, 0, 1, "a"));
        bar.OnEvent(new SparkListenerTaskEnd(0, 0, 1, "a", Succeeded: true));
        time.Fire();
        bar.OnEvent(new SparkListenerStageCompleted(0, 0));

        Assert.That(terminal.ToString(), Is.EqualTo("\r[Stage 0:====>              (1 + 0) / 4]\r" + new string(' ', 40) + "\r"));
    }

    [Test]
    public void A_stage_of_a_moment_is_not_shown()
    {
        var terminal = new StringWriter();
        using var bar = new ConsoleProgressBar(terminal, 40, new ManualTimer());

        bar.OnEvent(new SparkListenerStageSubmitted(0, 0, "Map", 4));
        bar.OnEvent(new SparkListenerStageCompleted(0, 0));

        Assert.That(terminal.ToString(), Is.Empty);
    }

    private sealed class ManualTimer : TimeProvider
    {
        private Action? _callback;

        public void Fire() => _callback!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = () => callback(state);
            return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
