using Akka.Actor;
using Sparkish.Rpc;

namespace Sparkish.Akka.Actors;

/// <summary>Follows endpoints of other nodes, each for an actor of this one that stands for it: when the endpoint ends, so does the actor.</summary>
internal sealed class RemoteEndpoints(ActorSystem system) : RpcEndpoint
{
    /// <summary>Its name in every env.</summary>
    public const string EndpointName = "akka-remote-endpoints";

    private readonly Dictionary<RpcEndpointRef, List<IActorRef>> _followers = [];

    public override void Receive(object message)
    {
        switch (message)
        {
            case Follow m: OnFollow(m); break;
            case EndpointTerminated m: OnEndpointTerminated(m); break;
            default: base.Receive(message); break;
        }
    }

    public override void OnStop()
    {
        foreach (var follower in _followers.Values.SelectMany(static followers => followers)) system.Stop(follower);
    }

    private void OnFollow(Follow message)
    {
        if (!_followers.TryGetValue(message.Endpoint, out var followers)) _followers.Add(message.Endpoint, followers = []);
        followers.Add(message.Actor);
        Watch(message.Endpoint);
    }

    private void OnEndpointTerminated(EndpointTerminated message)
    {
        if (!_followers.Remove(message.Endpoint, out var followers)) return;
        foreach (var follower in followers) system.Stop(follower);
    }

    /// <summary>Sent by the env: the actor stands for the endpoint from now on.</summary>
    internal sealed record Follow(RpcEndpointRef Endpoint, IActorRef Actor);
}
