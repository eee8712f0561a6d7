using System.Collections.Concurrent;
using System.Threading.Channels;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Rpc;

public sealed record Note(string Sender, int Number);

public sealed record Blob(byte[] Bytes);

public sealed record CallMe(RpcEndpointRef Back, string Word);

/// <summary>An endpoint that keeps what happens to it in order and answers as the test says.</summary>
internal sealed class TestEndpoint(Action<object>? onReceive = null, Action<object, RpcCallContext>? onAsk = null) : RpcEndpoint
{
    private readonly Channel<object> _events = Channel.CreateUnbounded<object>();

    public Action? Started { get; init; }

    public Action? Stopping { get; init; }

    public ConcurrentQueue<Exception> Errors { get; } = new();

    /// <summary>Network events, in order.</summary>
    public Channel<string> Network { get; } = Channel.CreateUnbounded<string>();

    public RpcEnv TheEnv => Env;

    public RpcEndpointRef TheSelf => Self;

    public override void OnStart()
    {
        try
        {
            Started?.Invoke();
        }
        finally
        {
            _events.Writer.TryWrite("start"); // a test that read it may rely on what Started has done
        }
    }

    public override void Receive(object message)
    {
        onReceive?.Invoke(message);
        _events.Writer.TryWrite(message);
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        if (onAsk is null) base.ReceiveAndReply(message, call);
        else onAsk(message, call);
    }

    public override ErrorDirective OnError(Exception error)
    {
        Errors.Enqueue(error);
        _events.Writer.TryWrite("error");
        return ErrorDirective.Resume;
    }

    public override void OnConnected(RpcAddress remote) => Network.Writer.TryWrite($"connected {remote}");

    public override void OnDisconnected(RpcAddress remote) => Network.Writer.TryWrite($"disconnected {remote}");

    public override void OnNetworkError(Exception error, RpcAddress remote) => Network.Writer.TryWrite($"error {remote}");

    public override void OnStop()
    {
        Stopping?.Invoke();
        _events.Writer.TryWrite("stop");
        _events.Writer.TryComplete();
    }

    /// <summary>The next thing that happened.</summary>
    public async Task<object> NextAsync() => await _events.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience);

    /// <summary>The next network event.</summary>
    public async Task<string> NextNetworkAsync() => await Network.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience);

    /// <summary>Everything that happens until the endpoint has stopped.</summary>
    public async Task<List<object>> UntilStoppedAsync()
    {
        using var patience = new CancellationTokenSource(Envs.Patience);
        return await _events.Reader.ReadAllAsync(patience.Token).ToListAsync(patience.Token);
    }
}

/// <summary>Makes envs for tests.</summary>
internal static class Envs
{
    /// <summary>How long a test waits for what must come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static RpcEnvOptions Options(string name = "test", SparkConf? conf = null) => new(
        name, conf ?? new SparkConf(false), new MessageRegistry().Add<Note>(100).Add<Blob>(101).Add<CallMe>(102));

    public static RpcEnv New(string name = "test", SparkConf? conf = null) => New(Options(name, conf));

    public static RpcEnv New(RpcEnvOptions options) => new NetworkRpcEnvFactory().Create(options);

    /// <summary>A ref on one env to an endpoint of another.</summary>
    public static RpcEndpointRef From(this RpcEndpointRef receiver, RpcEnv env) => env.RefTo(new RpcEndpointAddress(receiver.Address, receiver.Name));
}
