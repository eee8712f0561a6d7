using Sparkish.Rpc;

namespace Sparkish.Persistence;

/// <summary>A store failed, or holds what cannot be used; the message says what, where, and what to do.</summary>
public class JournalException(string message, Exception? innerException = null) : SparkException(message, innerException), IOutage
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    TimeSpan IOutage.MinBackoff => FirstPause;
}

/// <summary>Somebody else has taken over: the store takes nothing under this epoch any more. Stop acting as leader.</summary>
public sealed class StaleEpochException(string journal, long epoch, long current)
    : JournalException($"Epoch {epoch} of journal '{journal}' is over: it is written under epoch {current} now. This leader must stop.")
{
    /// <summary>The epoch that is over.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The epoch under which the journal is written now.</summary>
    public long Current { get; } = current;
}

/// <summary>What a store holds is not what was written to it; the message names the file or row, the position, and what to do.</summary>
public sealed class JournalCorruptException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>
/// What a journal holds cannot be read, or not applied to the state, by this version of the program; the message names the event. Reading it again would fail
/// again.
/// </summary>
public sealed class JournalReplayException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>Another process writes the journal.</summary>
public sealed class JournalLockedException(string message, Exception? innerException = null) : JournalException(message, innerException);

/// <summary>
/// An append was refused since too much waits for the store already (<see cref="AppendLimits"/>). Nothing of it was written, and the journal goes on: wait for
/// appends that are
/// under way, then append again.
/// </summary>
public sealed class JournalOverloadedException(string message) : JournalException(message);
