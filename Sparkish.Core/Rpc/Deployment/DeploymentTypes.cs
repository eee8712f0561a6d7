using System.Collections.Concurrent;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// Which user types messages may carry on an env: those of its settings; those of the application of a deployed endpoint, in messages to it; those of
/// the own application, or the deployer's, in what is exchanged with the other side of a deployment. Safe for all threads.
/// </summary>
/// <param name="usual">What holds where nothing was deployed: the env's <see cref="RpcEnv.SerializationContext"/>.</param>
public sealed class DeploymentTypes(SerializationContext usual)
{
    private readonly ConcurrentDictionary<string, (long Incarnation, SerializationContext Values)> _endpoints = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RpcAddress, SerializationContext> _peers = new();
    private volatile bool _any;

    /// <summary>What holds where nothing was deployed.</summary>
    public SerializationContext Usual => usual;

    /// <summary>Whether nothing was deployed, so that <see cref="Usual"/> holds for all messages.</summary>
    public bool IsEmpty => !_any;

    /// <summary>Returns what writes messages to a peer, and reads its replies.</summary>
    public SerializationContext With(RpcAddress peer) => _any && _peers.TryGetValue(peer, out var values) ? values : usual;

    /// <summary>Returns what reads messages that come from a peer to an endpoint of this env.</summary>
    public SerializationContext From(RpcAddress peer, string receiver)
    {
        if (!_any) return usual;
        if (_endpoints.TryGetValue(receiver, out var deployed)) return deployed.Values;
        return usual.Types is null ? With(peer) : usual;
    }

    /// <summary>An endpoint was deployed here.</summary>
    internal void Add(RpcEndpointRef endpoint, SerializationContext values)
    {
        _endpoints[endpoint.Name] = (endpoint.Incarnation, values);
        _any = true;
    }

    /// <summary>It has stopped.</summary>
    internal void Remove(RpcEndpointRef endpoint)
    {
        if (_endpoints.TryGetValue(endpoint.Name, out var deployed) && deployed.Incarnation == endpoint.Incarnation)
            _endpoints.TryRemove(KeyValuePair.Create(endpoint.Name, deployed));
    }

    /// <summary>A peer has deployed to here, or from here something goes to it.</summary>
    internal void Add(RpcAddress peer, SerializationContext values)
    {
        _peers[peer] = values;
        _any = true;
    }

    /// <summary>Nothing of what a peer deployed is left.</summary>
    internal void Remove(RpcAddress peer, SerializationContext values) => _peers.TryRemove(KeyValuePair.Create(peer, values));
}
