#pragma warning disable MA0048 // the two kinds of work that a journal's file gets stand together
namespace Sparkish.Persistence.Files;

/// <summary>
/// The batches that are written and flushed together, in their order. Each has a completion of its own: of several continuations of one task the framework
/// runs some on the thread pool, which a simulation has not.
/// </summary>
internal sealed class AppendGroup(TaskCreationOptions completions)
{
    private readonly List<TaskCompletionSource<long>> _completions = [];
    private readonly List<long> _sequences = [];

    public List<IReadOnlyList<ReadOnlyMemory<byte>>> Batches { get; } = [];

    public long Bytes { get; private set; }

    public long LastSequence => _sequences[^1];

    /// <returns>Completes, with the number of the batch's last event, when all of the group is safe.</returns>
    public Task<long> Add(IReadOnlyList<ReadOnlyMemory<byte>> events, long bytes, long lastSequence)
    {
        var completion = new TaskCompletionSource<long>(completions);
        Batches.Add(events);
        _completions.Add(completion);
        _sequences.Add(lastSequence);
        Bytes += bytes;
        return completion.Task;
    }

    public void Complete()
    {
        for (var i = 0; i < _completions.Count; i++) _completions[i].SetResult(_sequences[i]);
    }

    public void Fail(Exception error)
    {
        foreach (var completion in _completions)
        {
            completion.SetException(error);
            _ = completion.Task.Exception; // who waited may have given up
        }
    }
}

/// <summary>Events that are to go; done between groups.</summary>
internal sealed class Truncation(long throughSequence, TaskCreationOptions completions)
{
    public long ThroughSequence => throughSequence;

    public TaskCompletionSource Completion { get; } = new(completions);
}
