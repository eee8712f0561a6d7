namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The lease of a leader, by its own clock. The server counts from its receipt of our last message, which is after we sent it. We count from the sending, and
/// less, so our lease ends before the server's.
/// </summary>
internal sealed class LeaderLease
{
    // Clocks of two machines differ by far less in a few seconds; most of this is for a leader that checks in time and acts a moment later.
    private const double Margin = 0.1;

    private readonly TimeProvider _time;
    private readonly TimeSpan _length;
    private long _renewedAt;

    /// <param name="time">The clock.</param>
    /// <param name="sessionTimeout">Silence after which the server ends the session.</param>
    /// <param name="sentAt">The time at which the first answered message was sent, as the clock's timestamp.</param>
    public LeaderLease(TimeProvider time, TimeSpan sessionTimeout, long sentAt) => (_time, _length, _renewedAt) = (time, sessionTimeout * (1 - Margin), sentAt);

    /// <summary>Remaining time unless the lease is renewed; zero if it has ended. Any thread may call it.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = _length - _time.GetElapsedTime(Volatile.Read(ref _renewedAt));
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Records that the server answered a message that was sent at a given time. An ended lease stays ended.</summary>
    /// <returns>Whether the lease continues.</returns>
    public bool Renew(long sentAt)
    {
        if (Left == TimeSpan.Zero) return false;
        Volatile.Write(ref _renewedAt, sentAt);
        return Left > TimeSpan.Zero;
    }
}
