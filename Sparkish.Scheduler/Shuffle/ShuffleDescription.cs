using Sparkish.Compute;

namespace Sparkish.Shuffle;

/// <summary>What both sides of a shuffle must agree on.</summary>
/// <param name="ShuffleId">Numbers the shuffles of an application.</param>
/// <param name="Partitioner">Where a key goes.</param>
/// <param name="Combine">Combines the values of a key, before the files and after; null to keep all pairs.</param>
internal sealed record ShuffleDescription<TKey, TValue>(int ShuffleId, Partitioner<TKey> Partitioner, Func<TValue, TValue, TValue>? Combine);
