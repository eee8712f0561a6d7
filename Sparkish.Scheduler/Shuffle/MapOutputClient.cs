using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>
/// An executor's view of where map outputs lie, cached until a task of a later epoch asks, the latest answers only. Safe for all task threads.
/// </summary>
internal sealed class MapOutputClient(RpcEndpointRef tracker)
{
    // Tasks that run at once read few shuffles. An answer that is evicted is asked for again.
    internal const int MaxAnswers = 64;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<int, (int Epoch, Task<MapOutputStatuses> Answer)> _answers = [];

    /// <summary>Where the outputs of a shuffle lie; blocks the calling task thread while it asks the driver.</summary>
    /// <param name="shuffleId">The shuffle.</param>
    /// <param name="epoch">The epoch of the asking task; an answer from before it is stale.</param>
    public IReadOnlyList<MapStatus?> Get(int shuffleId, int epoch)
    {
        var answer = Ask(shuffleId, epoch);
        try
        {
            return Blocking.Wait(answer).Statuses;
        }
        catch (SparkException)
        {
            lock (_lock)
            {
                if (_answers.TryGetValue(shuffleId, out var kept) && kept.Answer == answer) _answers.Remove(shuffleId);
            }

            throw;
        }
    }

    /// <summary>One question at a time for each shuffle, shared by all tasks that wait for it.</summary>
    private Task<MapOutputStatuses> Ask(int shuffleId, int epoch)
    {
        lock (_lock)
        {
            if (_answers.TryGetValue(shuffleId, out var kept) && kept.Epoch >= epoch) return kept.Answer;
            var answer = tracker.AskAsync<MapOutputStatuses>(new GetMapOutputStatuses(shuffleId)).AsTask();
            _answers.Remove(shuffleId);
            _answers.Add(shuffleId, (epoch, answer));
            if (_answers.Count > MaxAnswers) _answers.RemoveAt(0);
            return answer;
        }
    }
}
