using System.Net;

namespace Sparkish.Rest;

/// <summary>Counts the open connections of each source. Thread-safe.</summary>
/// <param name="most">The most connections of one source.</param>
internal sealed class ConnectionsPerSource(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _open = [];

    /// <summary>Counts a connection; false if its source has too many.</summary>
    public bool TryAdd(IPAddress source)
    {
        lock (_lock)
        {
            var count = _open.GetValueOrDefault(source);
            if (count >= most) return false;
            _open[source] = count + 1;
            return true;
        }
    }

    /// <summary>Forgets a connection that was counted.</summary>
    public void Remove(IPAddress source)
    {
        lock (_lock)
        {
            if (--_open[source] == 0) _open.Remove(source);
        }
    }
}
