namespace Sparkish.Validation;

/// <summary>Bounds the lines of one kind in a log: ten in ten seconds, the next with the number of those that were left out. Safe for all threads.</summary>
internal sealed class LineBudget(TimeProvider time)
{
    private const int LinesAtOnce = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _start = time.GetTimestamp();
    private int _lines;
    private long _leftOut;

    /// <summary>Whether a line may be written, and how many were left out since the last.</summary>
    public bool TryTake(out long leftOut)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_start) >= Pause) (_start, _lines) = (time.GetTimestamp(), 0);
            leftOut = _leftOut;
            if (_lines >= LinesAtOnce)
            {
                _leftOut++;
                return false;
            }

            _lines++;
            _leftOut = 0;
            return true;
        }
    }
}
