using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>
/// An executor's cache of the locations of map outputs. An entry is valid until a task of a later epoch asks; the number of entries is bounded. Safe for all
/// task threads.
/// </summary>
internal sealed class MapOutputClient(RpcEndpointRef tracker)
{
    // Concurrent tasks read few shuffles. An evicted entry is requested again.
    internal const int MaxAnswers = 64;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<int, (int Epoch, Task<MapOutputStatuses> Answer)> _answers = [];

    /// <summary>Returns the locations of a shuffle's outputs; blocks the calling task thread while it asks the driver.</summary>
    /// <param name="shuffleId">The shuffle.</param>
    /// <param name="epoch">The epoch of the asking task; an earlier entry is stale.</param>
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

    /// <summary>One request at a time per shuffle, shared by all tasks that wait for it.</summary>
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
