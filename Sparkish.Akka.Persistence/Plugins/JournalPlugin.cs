#pragma warning disable MA0048 // what a plugin answers belongs to it
using System.Runtime.InteropServices;
using Akka.Persistence;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>
/// A journal plugin, spoken to with the messages that Akka's persistent actors use. A persistent actor itself would stop at each failed write, and replay the
/// whole journal before it may write; this store asks what became of the write, and reads the last record only.
/// </summary>
internal sealed class JournalPlugin(PluginCaller caller)
{
    public string Title => caller.Title;

    /// <summary>Writes a record under its number.</summary>
    /// <returns>The reason why it is not certain to be stored; null if it is.</returns>
    public async Task<Exception?> TryWriteAsync(string persistenceId, long number, byte[] bytes)
    {
        var row = new Persistent(new StoredBytes(bytes), number, persistenceId);
        Exception? failure = null;
        try
        {
            await caller.CallAsync(
                $"write record {number} of '{persistenceId}'", self => new WriteMessages([new AtomicWrite(row)], self, 1), OnReply, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (JournalException error)
        {
            return error;
        }

        return failure;

        bool OnReply(object reply)
        {
            failure = reply switch
            {
                WriteMessageFailure m => m.Cause,
                WriteMessageRejected m => m.Cause,
                _ => failure,
            };
            return reply is WriteMessageSuccess or WriteMessageFailure or WriteMessageRejected;
        }
    }

    /// <summary>Reads the records from one number to another, as far as they are there, and the highest number ever written.</summary>
    /// <exception cref="JournalException">The plugin failed.</exception>
    public async Task<ReadRows> ReadAsync(string persistenceId, long from, long to, CancellationToken cancellationToken)
    {
        var (rows, highest) = (new List<IPersistentRepresentation>(), 0L);
        await caller.CallAsync(
            $"read records {from} to {to} of '{persistenceId}'",
            self => new ReplayMessages(from, to, Math.Max(0, to - from + 1), persistenceId, self),
            reply =>
            {
                switch (reply)
                {
                    case ReplayedMessage m: rows.Add(m.Persistent); return false;
                    case RecoverySuccess m: highest = m.HighestSequenceNr; return true;
                    case ReplayMessagesFailure m: throw m.Cause ?? new InvalidOperationException("it gave no reason");
                    default: return false;
                }
            },
            cancellationToken).ConfigureAwait(false);
        return new ReadRows(rows, highest);
    }

    /// <summary>The highest number ever written; 0 if none was.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<long> ReadHighestAsync(string persistenceId, CancellationToken cancellationToken) =>
        (await ReadAsync(persistenceId, from: 1, to: 0, cancellationToken).ConfigureAwait(false)).Highest;

    /// <summary>Deletes the records up to a number, inclusive.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public Task DeleteAsync(string persistenceId, long to, CancellationToken cancellationToken) => caller.CallAsync(
        $"delete the records up to {to} of '{persistenceId}'", self => new DeleteMessagesTo(persistenceId, to, self),
        static reply => reply is DeleteMessagesFailure m ? throw m.Cause : reply is DeleteMessagesSuccess, cancellationToken);
}

/// <summary>What a plugin returned.</summary>
/// <param name="Rows">What is stored, in order.</param>
/// <param name="Highest">The highest number ever written; 0 if none was.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReadRows(IReadOnlyList<IPersistentRepresentation> Rows, long Highest);
