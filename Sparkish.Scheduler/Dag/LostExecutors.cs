namespace Sparkish.Dag;

/// <summary>
/// The lost executors, for as long as one of their tasks may still report. Ids are never reused, so no attempt that was submitted after a loss has run there;
/// once all earlier attempts have ended, the executor is forgotten.
/// </summary>
internal sealed class LostExecutors
{
    // By executor, the number of stage attempts that had been submitted when it was lost.
    private readonly Dictionary<string, int> _submissionsAtLoss = new(StringComparer.Ordinal);

    public int Count => _submissionsAtLoss.Count;

    public bool Contains(string executorId) => _submissionsAtLoss.ContainsKey(executorId);

    /// <summary>Adds an executor and removes those on which no active attempt can have run.</summary>
    /// <param name="executorId">The executor.</param>
    /// <param name="submissions">Number of attempts submitted so far.</param>
    /// <param name="oldestActive">The number of the oldest active submission; <paramref name="submissions"/> if none is.</param>
    public void Add(string executorId, int submissions, int oldestActive)
    {
        _submissionsAtLoss[executorId] = submissions;
        foreach (var (executor, atLoss) in _submissionsAtLoss)
        {
            if (atLoss <= oldestActive) _submissionsAtLoss.Remove(executor);
        }
    }
}
