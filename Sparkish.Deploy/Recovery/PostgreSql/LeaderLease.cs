namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// For how long a leader may go on by its own clock. The server counts from when it last heard of us, which is after we sent; we count from the sending, and
/// less:
/// so our time is over before the server's is.
/// </summary>
internal sealed class LeaderLease
{
    // Clocks of two machines differ by far less in a few seconds; most of this is for who asked in time and acts a moment later.
    private const double Margin = 0.1;

    private readonly TimeProvider _time;
    private readonly TimeSpan _length;
    private long _renewedAt;

    /// <param name="time">The clock.</param>
    /// <param name="sessionTimeout">After which silence the server ends the session.</param>
    /// <param name="sentAt">When what the server answered first was sent, as the clock's timestamp.</param>
    public LeaderLease(TimeProvider time, TimeSpan sessionTimeout, long sentAt) => (_time, _length, _renewedAt) = (time, sessionTimeout * (1 - Margin), sentAt);

    /// <summary>How long it goes on unless it is renewed; zero when it is over. May be asked from any thread.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = _length - _time.GetElapsedTime(Volatile.Read(ref _renewedAt));
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Notes that the server answered what was sent at a time. A lease that was over stays so.</summary>
    /// <returns>Whether it goes on.</returns>
    public bool Renew(long sentAt)
    {
        if (Left == TimeSpan.Zero) return false;
        Volatile.Write(ref _renewedAt, sentAt);
        return Left > TimeSpan.Zero;
    }
}
