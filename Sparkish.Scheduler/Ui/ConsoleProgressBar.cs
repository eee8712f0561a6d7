using Sparkish.Events;

namespace Sparkish.Ui;

/// <summary>Shows the running stages on one line of a terminal, redrawn by a timer and wiped when no stage runs.</summary>
internal sealed class ConsoleProgressBar : ISparkListener, IDisposable
{
    /// <summary>A very short stage needs no bar; ten frames per second are enough for the eye.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    // The bus and the timer use this lock; it guards nothing else.
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, StageProgress> _stages = [];
    private readonly TextWriter _terminal;
    private readonly int _width;
    private readonly ITimer _timer;
    private bool _isShown;

    public ConsoleProgressBar(TextWriter terminal, int width, TimeProvider time)
    {
        _terminal = terminal;
        _width = width;
        _timer = time.CreateTimer(static bar => ((ConsoleProgressBar)bar!).Draw(), this, Period, Period);
    }

    public void OnEvent(SparkListenerEvent happened)
    {
        lock (_lock)
        {
            switch (happened)
            {
                case SparkListenerStageSubmitted e: _stages[e.StageId] = new StageProgress(e.StageId, e.NumTasks, 0, 0); break;
                case SparkListenerTaskStart e: Change(e.StageId, static progress => progress with { Running = progress.Running + 1 }); break;
                case SparkListenerTaskEnd e:
                    Change(e.StageId, progress => progress with { Running = progress.Running - 1, Done = progress.Done + (e.Succeeded ? 1 : 0) });
                    break;
                case SparkListenerStageCompleted e: _stages.Remove(e.StageId); break;
                case SparkListenerJobEnd: _stages.Clear(); break;
            }

            if (_stages.Count == 0) Wipe();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock) Wipe();
    }

    private void Change(int stageId, Func<StageProgress, StageProgress> change)
    {
        if (_stages.TryGetValue(stageId, out var progress)) _stages[stageId] = change(progress);
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_stages.Count == 0) return;
            _terminal.Write('\r' + ProgressLine.Draw([.. _stages.Values], _width - 1));
            _terminal.Flush();
            _isShown = true;
        }
    }

    private void Wipe()
    {
        if (!_isShown) return;
        _terminal.Write('\r' + new string(' ', _width - 1) + '\r');
        _terminal.Flush();
        _isShown = false;
    }
}
