namespace Sparkish.Shuffle;

/// <summary>Takes a batch of pairs.</summary>
internal delegate void PairsAction<TKey, TValue>(ReadOnlySpan<(TKey Key, TValue Value)> pairs);
