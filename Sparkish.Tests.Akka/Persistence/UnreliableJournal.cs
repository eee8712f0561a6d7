using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>A journal plugin in memory that accepts each number once, and loses answers when a test wants it.</summary>
public sealed class UnreliableJournal : AsyncWriteJournal
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, SortedDictionary<long, IPersistentRepresentation>> Stored = new(StringComparer.Ordinal);
    private static readonly Queue<bool> Failures = new();
    private static bool _breaksNext;
    private static bool _isBroken;

    private readonly string _system = Context.System.Name;

    /// <summary>Fails the next write with an unused number: after storing it, or instead.</summary>
    public static void FailNext(bool isStored)
    {
        lock (Gate) Failures.Enqueue(isStored);
    }

    /// <summary>Stores the next write and loses its answer. From then on nothing can be written or read.</summary>
    public static void BreakAfterNext()
    {
        lock (Gate) _breaksNext = true;
    }

    /// <summary>Fails nothing any more.</summary>
    public static void Mend()
    {
        lock (Gate)
        {
            (_breaksNext, _isBroken) = (false, false);
            Failures.Clear();
        }
    }

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        lock (Gate)
        {
            ThrowIfBroken();
            foreach (var (number, row) in RowsOf(persistenceId).Where(row => row.Key >= fromSequenceNr && row.Key <= toSequenceNr).Take((int)max))
                recoveryCallback(row);
        }

        return Task.CompletedTask;
    }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            ThrowIfBroken();
            return Task.FromResult(RowsOf(persistenceId).Keys.LastOrDefault());
        }
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            ThrowIfBroken();
            foreach (var row in messages.SelectMany(static write => (IEnumerable<IPersistentRepresentation>)write.Payload))
            {
                var rows = RowsOf(row.PersistenceId);
                if (rows.ContainsKey(row.SequenceNr)) throw new InvalidOperationException("duplicate key");
                var fails = Failures.TryDequeue(out var isStored);
                if (!fails || isStored) rows.Add(row.SequenceNr, row);
                _isBroken = _breaksNext;
                if (fails || _isBroken) throw new InvalidOperationException("the answer was lost");
            }
        }

        return Task.FromResult<IImmutableList<Exception>>(null!);
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            var rows = RowsOf(persistenceId);
            foreach (var number in rows.Keys.Where(number => number <= toSequenceNr).ToList()) rows.Remove(number);
        }

        return Task.CompletedTask;
    }

    private static void ThrowIfBroken()
    {
        if (_isBroken) throw new InvalidOperationException("the connection is broken");
    }

    private SortedDictionary<long, IPersistentRepresentation> RowsOf(string persistenceId)
    {
        var key = $"{_system}/{persistenceId}";
        if (!Stored.TryGetValue(key, out var rows)) Stored[key] = rows = [];
        return rows;
    }
}
