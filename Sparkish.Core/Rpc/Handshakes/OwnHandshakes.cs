using System.Collections.Concurrent;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The handshakes that an env makes at this moment, by their ids: a node that hears from somebody at this env's address asks whether it is this env.
/// Safe for all threads.
/// </summary>
internal sealed class OwnHandshakes
{
    private readonly ConcurrentDictionary<Guid, byte> _running = new();

    public void Add(Guid handshake) => _running.TryAdd(handshake, 0);

    public void Remove(Guid handshake) => _running.TryRemove(handshake, out _);

    public bool IsOwn(Guid handshake) => _running.ContainsKey(handshake);
}
