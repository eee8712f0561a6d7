using Sparkish.Compute;

namespace Sparkish.Shuffle;

/// <summary>The properties that both sides of a shuffle share.</summary>
/// <param name="ShuffleId">Numbers the shuffles of an application.</param>
/// <param name="Partitioner">Maps keys to partitions.</param>
/// <param name="Combine">Combines the values of a key, on the map side and on the reduce side; null to keep all pairs.</param>
internal sealed record ShuffleDescription<TKey, TValue>(int ShuffleId, Partitioner<TKey> Partitioner, Func<TValue, TValue, TValue>? Combine);
