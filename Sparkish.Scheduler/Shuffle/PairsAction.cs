namespace Sparkish.Shuffle;

/// <summary>Handles a batch of pairs.</summary>
internal delegate void PairsAction<TKey, TValue>(ReadOnlySpan<(TKey Key, TValue Value)> pairs);
