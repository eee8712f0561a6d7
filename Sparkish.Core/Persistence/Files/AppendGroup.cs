#pragma warning disable MA0048 // the two kinds of work that a journal's file gets stand together
namespace Sparkish.Persistence.Files;

/// <summary>The batches that are written and flushed together, in their order.</summary>
internal sealed class AppendGroup(TaskCreationOptions completions)
{
    private readonly TaskCompletionSource _completion = new(completions);

    public List<IReadOnlyList<ReadOnlyMemory<byte>>> Batches { get; } = [];

    public long Bytes { get; set; }

    public long LastSequence { get; set; }

    /// <summary>Completes when all are safe.</summary>
    public Task Completion => _completion.Task;

    public void Complete() => _completion.SetResult();

    public void Fail(Exception error)
    {
        _completion.SetException(error);
        _ = _completion.Task.Exception; // who waited may have given up
    }
}

/// <summary>Events that are to go; done between groups.</summary>
internal sealed class Truncation(long throughSequence, TaskCreationOptions completions)
{
    public long ThroughSequence => throughSequence;

    public TaskCompletionSource Completion { get; } = new(completions);
}
