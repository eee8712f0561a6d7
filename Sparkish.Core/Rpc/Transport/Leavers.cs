namespace Sparkish.Rpc.Transport;

/// <summary>
/// The addresses of peers that have closed their connection and not opened another one. An env that does not dial cannot send them anything, such as the answer
/// to their last message, and nothing is lost by that. Remembers only the latest ones. Thread-safe.
/// </summary>
internal sealed class Leavers
{
    private const int MaxRemembered = 1_000;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<RpcAddress, bool> _addresses = []; // the latest is last

    /// <summary>A peer has left.</summary>
    public void Add(IReadOnlyList<RpcAddress> addresses)
    {
        lock (_lock)
        {
            foreach (var address in addresses)
            {
                _addresses.Remove(address);
                _addresses.Add(address, true);
                if (_addresses.Count > MaxRemembered) _addresses.RemoveAt(0);
            }
        }
    }

    /// <summary>A peer has come back.</summary>
    public void Forget(RpcAddress address)
    {
        lock (_lock) _addresses.Remove(address);
    }

    /// <summary>Whether a peer has left.</summary>
    public bool Has(RpcAddress address)
    {
        lock (_lock) return _addresses.ContainsKey(address);
    }
}
