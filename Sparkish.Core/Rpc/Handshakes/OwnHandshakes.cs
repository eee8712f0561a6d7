namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The ids of an env's running outgoing handshakes: a node that receives a connection from this env's address asks whether it is this env. Thread-safe.
/// </summary>
internal sealed class OwnHandshakes
{
    private readonly Lock _lock = new();
    private readonly List<Guid> _running = []; // few at a time

    public void Add(Guid handshake)
    {
        lock (_lock) _running.Add(handshake);
    }

    public void Remove(Guid handshake)
    {
        lock (_lock) _running.Remove(handshake);
    }

    public bool IsOwn(Guid handshake)
    {
        lock (_lock) return _running.Contains(handshake);
    }
}
