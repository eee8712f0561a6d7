namespace Sparkish;

/// <summary>Reads a user's sequence into batches; arrays are copied, other sequences enumerated.</summary>
internal sealed class SequenceCursor<T> : IDisposable
{
    private ReadOnlyMemory<T> _array;
    private IEnumerator<T>? _enumerator;

    public void Reset(IEnumerable<T> sequence)
    {
        Dispose();
        if (sequence is T[] array) _array = array;
        else _enumerator = sequence.GetEnumerator();
    }

    /// <summary>Fills a batch from its start; returns less than its length only at the end of the sequence.</summary>
    public int Read(Span<T> batch)
    {
        if (_enumerator is null)
        {
            var count = Math.Min(_array.Length, batch.Length);
            _array.Span[..count].CopyTo(batch);
            _array = _array[count..];
            return count;
        }

        for (var i = 0; i < batch.Length; i++)
        {
            if (!_enumerator.MoveNext())
            {
                Dispose();
                return i;
            }

            batch[i] = _enumerator.Current;
        }

        return batch.Length;
    }

    public void Dispose()
    {
        _enumerator?.Dispose();
        _enumerator = null;
        _array = default;
    }
}
