using Sparkish.Rpc;

namespace Sparkish.Hosting;

/// <summary>Watches the endpoints of the host, and disposes the scope of each that stops.</summary>
internal sealed class ScopeKeeper(IReadOnlyDictionary<RpcEndpointRef, EndpointScopes> scopes) : RpcEndpoint
{
    /// <summary>Its name in each hosted env.</summary>
    public const string EndpointName = "hosting-scope-keeper";

    public override void OnStart()
    {
        foreach (var endpoint in scopes.Keys) Watch(endpoint);
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case EndpointTerminated m: scopes[m.Endpoint].End(); break;
            default: base.Receive(message); break;
        }
    }
}
