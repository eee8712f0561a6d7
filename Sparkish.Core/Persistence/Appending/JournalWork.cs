namespace Sparkish.Persistence.Appending;

/// <summary>Something that a journal is to do, in its turn.</summary>
/// <param name="completions">
/// How its completion is made. Each piece of work has one of its own: of several continuations of one task the framework runs some on the thread pool, which a
/// simulation has not.
/// </param>
internal abstract class JournalWork(TaskCreationOptions completions)
{
    private readonly TaskCompletionSource _done = new(completions);

    /// <summary>Completes when it is done, and safe.</summary>
    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception error)
    {
        if (_done.TrySetException(error)) _ = _done.Task.Exception; // seen, also where the caller has given up waiting
    }
}
