namespace Sparkish.Dag;

/// <summary>
/// The executors that are gone, for as long as a task of theirs may still report. Ids are never used again, so no attempt that was submitted after a loss
/// has run there; once all earlier attempts are over, the executor is forgotten.
/// </summary>
internal sealed class LostExecutors
{
    // By executor, how many attempts of stages had been submitted when it was lost.
    private readonly Dictionary<string, int> _submissionsAtLoss = new(StringComparer.Ordinal);

    public int Count => _submissionsAtLoss.Count;

    public bool Contains(string executorId) => _submissionsAtLoss.ContainsKey(executorId);

    /// <summary>Adds an executor and forgets those that no active attempt can have run on.</summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="submissions">How many attempts have been submitted so far.</param>
    /// <param name="oldestActive">The number of the oldest submission that is still active; <paramref name="submissions"/> if none is.</param>
    public void Add(string executorId, int submissions, int oldestActive)
    {
        _submissionsAtLoss[executorId] = submissions;
        foreach (var (executor, atLoss) in _submissionsAtLoss)
        {
            if (atLoss <= oldestActive) _submissionsAtLoss.Remove(executor);
        }
    }
}
