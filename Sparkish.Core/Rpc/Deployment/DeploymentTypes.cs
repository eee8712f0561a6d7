using System.Collections.Concurrent;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// The user types that an env's messages may carry. Messages to a deployed endpoint may also carry types of its application, and messages between the two sides
/// of a deployment those of the deploying application. Thread-safe.
/// </summary>
/// <param name="usual">The context if nothing was deployed: the env's <see cref="RpcEnv.SerializationContext"/>.</param>
public sealed class DeploymentTypes(SerializationContext usual)
{
    private readonly ConcurrentDictionary<string, (long Incarnation, SerializationContext Values)> _endpoints = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RpcAddress, SerializationContext> _peers = new();
    private volatile bool _any;

    /// <summary>The context if nothing was deployed.</summary>
    public SerializationContext Usual => usual;

    /// <summary>Whether nothing was deployed, so that <see cref="Usual"/> applies to all messages.</summary>
    public bool IsEmpty => !_any;

    /// <summary>Returns the context that writes messages to a peer and reads its replies.</summary>
    public SerializationContext With(RpcAddress peer) => _any && _peers.TryGetValue(peer, out var values) ? values : usual;

    /// <summary>Returns the context that reads messages from a peer to an endpoint of this env.</summary>
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

    /// <summary>Called when the endpoint has stopped.</summary>
    internal void Remove(RpcEndpointRef endpoint)
    {
        if (_endpoints.TryGetValue(endpoint.Name, out var deployed) && deployed.Incarnation == endpoint.Incarnation)
            _endpoints.TryRemove(KeyValuePair.Create(endpoint.Name, deployed));
    }

    /// <summary>Called when a peer deployed to this env, or this env deploys to a peer.</summary>
    internal void Add(RpcAddress peer, SerializationContext values)
    {
        _peers[peer] = values;
        _any = true;
    }

    /// <summary>Called when nothing that a peer deployed is left.</summary>
    internal void Remove(RpcAddress peer, SerializationContext values) => _peers.TryRemove(KeyValuePair.Create(peer, values));
}
