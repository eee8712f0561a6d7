#pragma warning disable MA0048 // the endpoints and messages of the suite belong together
using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <summary>A word and a number.</summary>
public sealed record Text(string Word, int Number);

/// <summary>Asks the receiver to send a word to a ref.</summary>
public sealed record CallBack(RpcEndpointRef Back, string Word);

/// <summary>Asks the receiver to send a <see cref="CallBack"/> on to another endpoint.</summary>
public sealed record Forward(RpcEndpointRef To, CallBack Message);

/// <summary>Many bytes.</summary>
public sealed record Bytes(byte[] Data);

/// <summary>A message that is in no registry.</summary>
internal sealed record Unregistered(string Word);

/// <summary>An endpoint that logs its events, and acts as a test says.</summary>
internal sealed class Witness(RpcEnv env) : RpcEndpoint
{
    public EventLog<object> Events { get; init; } = new(env, "Witness");

    public Action<Witness>? Starting { get; init; }

    public Action<Witness, object>? Received { get; init; }

    public Action<Witness, object, RpcCallContext>? Asked { get; init; }

    public Func<Exception, ErrorDirective>? Failing { get; init; }

    public Action<Witness>? Stopping { get; init; }

    public new RpcEndpointRef Self => base.Self;

    public new RpcEnv Env => base.Env;

    public new void Watch(RpcEndpointRef endpoint) => base.Watch(endpoint);

    public new void Unwatch(RpcEndpointRef endpoint) => base.Unwatch(endpoint);

    public new void Stop() => base.Stop();

    public new void PipeToSelf<T>(Task<T> work, Func<T, object> onSuccess, Func<Exception, object>? onFailure = null) =>
        base.PipeToSelf(work, onSuccess, onFailure);

    public new void PipeToSelf(Task work, Func<object> onSuccess, Func<Exception, object>? onFailure = null) => base.PipeToSelf(work, onSuccess, onFailure);

    public new void PipeToSelf(ValueTask work, Func<object> onSuccess, Func<Exception, object>? onFailure = null) =>
        base.PipeToSelf(work, onSuccess, onFailure);

    public override void OnStart()
    {
        Events.Add("start");
        Starting?.Invoke(this);
    }

    public override void Receive(object message)
    {
        Received?.Invoke(this, message);
        Events.Add(message);
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        if (Asked is null) base.ReceiveAndReply(message, call);
        else Asked(this, message, call);
    }

    public override ErrorDirective OnError(Exception error)
    {
        Events.Add($"error {error.Message}");
        return Failing?.Invoke(error) ?? ErrorDirective.Resume;
    }

    public override void OnStop()
    {
        Stopping?.Invoke(this);
        Events.Add("stop");
    }
}

/// <summary>Logs network events.</summary>
internal sealed class NetworkWitness(RpcEnv env) : RpcEndpoint
{
    public EventLog<string> Events { get; } = new(env, "Network witness");

    public override void OnConnected(RpcAddress remote) => Events.Add($"connected {remote}");

    public override void OnDisconnected(RpcAddress remote) => Events.Add($"disconnected {remote}");

    public override void OnNetworkError(Exception error, RpcAddress remote) => Events.Add($"error {remote}");
}

/// <summary>A concurrent endpoint that counts its handlers.</summary>
internal sealed class ConcurrentWitness(RpcEnv env, int max, Action<object> receive) : ConcurrentRpcEndpoint
{
    private int _running;
    private int _most;

    public EventLog<object> Events { get; } = new(env, "Concurrent witness");

    public int Most => Volatile.Read(ref _most);

    public override int MaxConcurrency => max;

    public override void OnStart() => Step("start");

    public override void Receive(object message)
    {
        var running = Interlocked.Increment(ref _running);
        for (var most = Most; running > most; most = Most) Interlocked.CompareExchange(ref _most, running, most);
        receive(message);
        Interlocked.Decrement(ref _running);
    }

    public override void OnStop() => Step("stop");

    private void Step(string name) => Events.Add(Volatile.Read(ref _running) == 0 ? name : $"{name} beside a handler");
}

/// <summary>An endpoint that echoes.</summary>
internal sealed class Echo : RpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);
}

/// <summary>An isolated endpoint that replies the name of its thread.</summary>
internal sealed class ThreadWitness : IsolatedRpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(Thread.CurrentThread.Name);
}

/// <summary>An isolated endpoint that echoes.</summary>
internal sealed class IsolatedWitness(RpcEnv env) : IsolatedRpcEndpoint
{
    public EventLog<object> Events { get; } = new(env, "Isolated witness");

    public override void OnStart() => Events.Add("start");

    public override void Receive(object message) => Events.Add(message);

    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);

    public override void OnStop() => Events.Add("stop");
}
