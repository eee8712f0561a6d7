using Sparkish.Rpc;

namespace Sparkish.Tests.Deploy;

/// <summary>A ref that leads nowhere, for values that hold one.</summary>
internal sealed class NowhereRef(string name, int port) : RpcEndpointRef
{
    public override RpcAddress Address => new("nowhere", port);

    public override string Name => name;

    public override long Incarnation => 0;

    public override RpcEnv Env => throw new NotSupportedException($"{name} leads nowhere.");

    public override void Send(object message) => throw new NotSupportedException($"{name} leads nowhere.");

    public override ValueTask<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"{name} leads nowhere.");

    public override T AskSync<T>(object message, TimeSpan? timeout = null) => throw new NotSupportedException($"{name} leads nowhere.");
}
