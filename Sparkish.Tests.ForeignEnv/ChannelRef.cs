using Sparkish.Rpc;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>A ref of a <see cref="ChannelRpcEnv"/> to an endpoint, here or elsewhere.</summary>
internal sealed class ChannelRef(ChannelRpcEnv env, RpcEndpointAddress address, long incarnation) : RpcEndpointRef
{
    public override RpcAddress Address => address.Address;

    public override string Name => address.Name;

    public override long Incarnation => incarnation;

    public override RpcEnv Env => env;

    public override void Send(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        env.Send(this, message);
    }

    public override ValueTask<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var (duration, key) = timeout is { } given ? (given, null) : env.AskTimeout;
        return new ValueTask<T>(env.AskAsync<T>(this, message, new Ask(env, this, duration, key, cancellationToken)));
    }

    public override T AskSync<T>(object message, TimeSpan? timeout = null)
    {
        if (Mailbox.IsHandling)
            throw new InvalidOperationException("AskSync inside a handler would block its endpoint: use AskAsync with PipeToSelf.");
        return AskAsync<T>(message, timeout).AsTask().GetAwaiter().GetResult();
    }
}
