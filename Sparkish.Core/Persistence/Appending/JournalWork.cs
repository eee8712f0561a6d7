namespace Sparkish.Persistence.Appending;

/// <summary>Something that a journal is to do, in its turn.</summary>
/// <param name="completions">
/// Creates its completion. Each piece of work has its own: if one task has several continuations, the framework runs some on the thread pool, which a
/// simulation does not have.
/// </param>
internal abstract class JournalWork(TaskCreationOptions completions)
{
    private readonly TaskCompletionSource _done = new(completions);

    /// <summary>Completes when it is done, and safe.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception error)
    {
        if (_done.TrySetException(error)) _ = _done.Task.Exception; // observed, even if the caller has stopped waiting
    }
}
