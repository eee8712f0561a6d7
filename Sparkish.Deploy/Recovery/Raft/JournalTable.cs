using Sparkish.Persistence;
using Sparkish.Serialization;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The replicated state: all journals and the last term. It is changed by the log's commands alone, in their order, so that it is equal on every member after
/// the same entry. A writer that was replaced is recognized here, without a clock: its commands name an opening that is no longer the journal's. Thread-safe.
/// </summary>
internal sealed class JournalTable
{
    private const int Version = 1;

    private readonly Lock _lock = new();
    private SortedDictionary<string, StoredJournal> _journals = new(StringComparer.Ordinal);
    private long _epoch;
    private Guid _cluster;

    /// <summary>The id of the cluster, set by its first term; empty before.</summary>
    public Guid Cluster
    {
        get { lock (_lock) return _cluster; }
    }

    /// <summary>The names of all journals, in ordinal order.</summary>
    public IReadOnlyList<string> Names
    {
        get { lock (_lock) return [.. _journals.Keys]; }
    }

    /// <summary>Applies a command.</summary>
    public RaftOutcome Apply(RaftCommand command)
    {
        lock (_lock)
        {
            switch (command.Kind)
            {
                case RaftCommandKind.Lead:
                    if (_cluster == Guid.Empty) _cluster = command.Writer;
                    return new RaftOutcome(Epoch: ++_epoch);
                case RaftCommandKind.Claim:
                    if (!_journals.TryGetValue(command.Journal, out var claimed)) _journals.Add(command.Journal, claimed = new StoredJournal());
                    return claimed.Claim(command);
                default:
                    return _journals.TryGetValue(command.Journal, out var journal)
                        ? journal.Write(command)
                        : new RaftOutcome(Conflict: $"there is no journal '{command.Journal}'");
            }
        }
    }

    public bool Contains(string name)
    {
        lock (_lock) return _journals.ContainsKey(name);
    }

    /// <summary>The snapshot of a journal.</summary>
    public JournalSnapshot? SnapshotOf(string name)
    {
        lock (_lock) return _journals.GetValueOrDefault(name)?.Snapshot;
    }

    /// <summary>The events of a journal after a given one, as they are now.</summary>
    public IReadOnlyList<JournalEntry> EventsOf(string name, long after)
    {
        lock (_lock)
        {
            if (_journals.GetValueOrDefault(name) is not { } journal) return [];
            var first = journal.LastSequence - journal.Events.Count + 1;
            var skipped = (int)Math.Clamp(after - first + 1, 0, journal.Events.Count);
            return journal.Events.GetRange(skipped, journal.Events.Count - skipped);
        }
    }

    /// <summary>The whole state as bytes.</summary>
    public byte[] ToBytes()
    {
        lock (_lock)
        {
            var writer = new ByteWriter(1 << 16);
            writer.WriteUnmanaged(Version);
            writer.WriteUnmanaged(_cluster);
            writer.WriteUnmanaged(_epoch);
            writer.WriteUnmanaged(_journals.Count);
            foreach (var (name, journal) in _journals)
            {
                writer.WriteString(name);
                journal.WriteTo(writer);
            }

            return writer.ToArray();
        }
    }

    /// <summary>Replaces the whole state.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state of this version.</exception>
    public void Load(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new ByteReader(bytes.Span);
            var version = reader.ReadUnmanaged<int>();
            if (version != Version)
                throw new InvalidDataException($"The state has version {version}, and this Sparkish reads version {Version} only: run one version on all masters.");
            var (cluster, epoch) = (reader.ReadUnmanaged<Guid>(), reader.ReadUnmanaged<long>());
            var journals = new SortedDictionary<string, StoredJournal>(StringComparer.Ordinal);
            for (var left = reader.ReadUnmanaged<int>(); left > 0; left--)
            {
                var name = reader.ReadString() ?? "";
                journals.Add(name, StoredJournal.ReadFrom(ref reader, bytes));
            }

            lock (_lock) (_cluster, _epoch, _journals) = (cluster, epoch, journals);
        }
        catch (Exception e) when (e is SerializationException or ArgumentException)
        {
            throw new InvalidDataException($"The state cannot be read: {e.Message}", e);
        }
    }
}
