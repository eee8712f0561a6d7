using Sparkish.Rpc;

namespace Sparkish.Persistence;

/// <summary>A store failed, or its content cannot be used; the message gives the problem, the position and advice.</summary>
public class JournalException(string message, Exception? innerException = null) : SparkException(message, innerException), IOutage
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    TimeSpan IOutage.MinBackoff => FirstPause;
}

/// <summary>Another writer has taken over: the store accepts nothing under this epoch any more. Stop acting as leader.</summary>
public sealed class StaleEpochException(string journal, long epoch, long current)
    : JournalException($"Epoch {epoch} of journal '{journal}' has ended: the journal is now written under epoch {current}. This leader must stop.")
{
    /// <summary>The epoch that is over.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The epoch under which the journal is written now.</summary>
    public long Current { get; } = current;
}

/// <summary>The content of a store is not what was written to it; the message names the file or row, the position, and advice.</summary>
public sealed class JournalCorruptException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>
/// This version of the program cannot read an event of a journal, or cannot apply it to the state; the message names the event. Reading it again would fail
/// again.
/// </summary>
public sealed class JournalReplayException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>Another process writes the journal.</summary>
public sealed class JournalLockedException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>
/// An append was refused because too many wait for the store already (<see cref="AppendLimits"/>). Nothing of it was written, and the journal stays open: wait
/// for pending appends, then append again.
/// </summary>
public sealed class JournalOverloadedException(string message) : JournalException(message);
