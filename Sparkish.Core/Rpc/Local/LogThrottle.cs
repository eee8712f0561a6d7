namespace Sparkish.Rpc.Local;

/// <summary>Lets one line in a while through to the log and counts the others, so that a peer cannot fill it. Used by one thread at a time.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private long? _last;

    /// <summary>How many lines were held back since the last that went through.</summary>
    public long Omitted { get; private set; }

    /// <summary>Whether a line may go through; then with the number of those held back before it.</summary>
    public bool TryPass(out long omitted)
    {
        omitted = Omitted;
        if (_last is { } last && time.GetElapsedTime(last) < Pause)
        {
            Omitted++;
            return false;
        }

        _last = time.GetTimestamp();
        Omitted = 0;
        return true;
    }
}
