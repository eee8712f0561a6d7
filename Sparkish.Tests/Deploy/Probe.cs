using System.Threading.Channels;
using Sparkish.Deploy;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

namespace Sparkish.Tests.Deploy;

/// <summary>A node of its own with one endpoint that keeps what it gets, so that a test can play a peer over real sockets.</summary>
internal sealed class Probe : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>();

    public Probe(string name, RpcEnv? env = null)
    {
        Env = env ?? NewEnv(name);
        Ref = Env.SetupEndpoint(name, new Endpoint(_inbox.Writer));
    }

    public RpcEnv Env { get; }

    public RpcEndpointRef Ref { get; }

    public static RpcEnv NewEnv(string name) =>
        new NetworkRpcEnvFactory().Create(new RpcEnvOptions(name, new SparkConf(loadDefaults: false), DeployMessages.Register(new MessageRegistry())));

    public RpcEndpointRef To(RpcAddress address, string name) => Env.RefTo(new RpcEndpointAddress(address, name));

    /// <summary>The next message, which must be of this type.</summary>
    public async Task<T> ExpectAsync<T>()
    {
        object message;
        try
        {
            message = await _inbox.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
        catch (TimeoutException timeout)
        {
            throw new AssertionException($"{Ref} waited {Patience} for {typeof(T).Name} and got nothing.", timeout);
        }

        return message is T expected ? expected : throw new AssertionException($"{Ref} expected {typeof(T).Name} but got {message}.");
    }

    /// <summary>The next message of this type; what comes before is passed over.</summary>
    public async Task<T> FishAsync<T>()
    {
        while (true)
        {
            if (await ExpectAsync<object>() is T wanted) return wanted;
        }
    }

    public ValueTask DisposeAsync() => Env.DisposeAsync();

    private sealed class Endpoint(ChannelWriter<object> inbox) : RpcEndpoint
    {
        public override void Receive(object message) => inbox.TryWrite(message);

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            inbox.TryWrite(message);
            call.Reply(true);
        }
    }
}
