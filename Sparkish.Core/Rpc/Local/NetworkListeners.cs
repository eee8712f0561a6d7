using System.Runtime.CompilerServices;

namespace Sparkish.Rpc.Local;

/// <summary>The endpoints that handle network events: the others, perhaps a hundred thousand, get no envelope when a peer connects or disconnects.</summary>
internal static class NetworkListeners
{
    private static readonly string[] Events = [nameof(RpcEndpoint.OnConnected), nameof(RpcEndpoint.OnDisconnected), nameof(RpcEndpoint.OnNetworkError)];
    // Types of deployed endpoints are forgotten with their deployment.
    private static readonly ConditionalWeakTable<Type, object> Known = [];

    /// <summary>Whether a type of endpoints overrides any of the events.</summary>
    public static bool Contains(Type endpoint) =>
        (bool)Known.GetValue(endpoint, static type => Array.Exists(Events, name => type.GetMethod(name)!.DeclaringType != typeof(RpcEndpoint)));
}
