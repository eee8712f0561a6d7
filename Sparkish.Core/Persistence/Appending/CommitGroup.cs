namespace Sparkish.Persistence.Appending;

/// <summary>Work that is made durable together: batches of events in the order of their appending, or one other piece of work by itself.</summary>
internal sealed class CommitGroup
{
    private readonly List<AppendWork> _appends = [];

    /// <param name="first">The work that it begins with.</param>
    public CommitGroup(JournalWork first)
    {
        if (first is AppendWork append) Add(append);
        else Other = first;
    }

    /// <summary>The work that is not an append; null for a group of appends.</summary>
    public JournalWork? Other { get; }

    public IReadOnlyList<AppendWork> Appends => _appends;

    public int EventCount { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>The number of the first event.</summary>
    public long FirstSequence => _appends[0].LastSequence - _appends[0].Events.Count + 1;

    /// <summary>The number of the last event.</summary>
    public long LastSequence => _appends[^1].LastSequence;

    public void Add(AppendWork append)
    {
        _appends.Add(append);
        EventCount += append.Events.Count;
        Bytes += append.Bytes;
    }

    public void Complete()
    {
        Other?.Complete();
        foreach (var append in _appends) append.Complete();
    }

    public void Fail(Exception error)
    {
        Other?.Fail(error);
        foreach (var append in _appends) append.Fail(error);
    }
}
