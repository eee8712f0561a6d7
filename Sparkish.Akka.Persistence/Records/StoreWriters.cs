namespace Sparkish.Akka.Persistence.Records;

/// <summary>
/// The writers of one store object. A claim whose outcome is unknown may have been stored: its epoch is then taken, by this store, which may open the journal
/// under it again.
/// </summary>
internal sealed class StoreWriters
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _writers = [];

    public Guid New()
    {
        var writer = Guid.NewGuid();
        lock (_lock) _writers.Add(writer);
        return writer;
    }

    public bool Has(Guid writer)
    {
        lock (_lock) return _writers.Contains(writer);
    }
}
