namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The handshakes that an env makes at this moment, by their ids: a node that hears from somebody at this env's address asks whether it is this env.
/// Safe for all threads.
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
