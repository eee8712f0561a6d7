using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>The envs of this process by their addresses, and the one lock under which links between them are made.</summary>
internal static class Switchboard
{
    private static readonly Dictionary<RpcAddress, ChannelRpcEnv> Envs = [];
    private static readonly Lock Gate = new();

    public static void Add(ChannelRpcEnv env)
    {
        lock (Gate) Envs.Add(env.Address, env);
    }

    public static void Remove(ChannelRpcEnv env)
    {
        lock (Gate) Envs.Remove(env.Address);
    }

    /// <summary>Returns the link that an env has with a peer, or makes one.</summary>
    /// <exception cref="RpcConnectionException">No env has this address.</exception>
    public static Link Connect(ChannelRpcEnv from, RpcAddress peer)
    {
        lock (Gate)
        {
            if (from.Links.Find(peer) is { } link) return link;
            if (peer.Port == 0) throw new RpcConnectionException($"Cannot connect to {peer}: it does not listen.");
            if (from.IsClosed || !Envs.TryGetValue(peer, out var to))
                throw new RpcConnectionException($"Cannot connect to {peer}: no env of this process has this address.");
            var (near, far) = Link.Between(from.Address, peer);
            from.Links.Attach(near);
            to.Links.Attach(far);
            return near;
        }
    }
}
