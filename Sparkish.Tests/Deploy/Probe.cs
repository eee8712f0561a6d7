using Sparkish.Deploy;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Deploy;

/// <summary>A node of its own with one endpoint that keeps what it gets, so that a test can play a peer over real sockets.</summary>
internal sealed class Probe : IAsyncDisposable
{
    private readonly ProbeEndpoint _endpoint = new() { Ignores = static message => message is Heartbeat or ApplicationHeartbeat };

    public Probe(string name, RpcEnv? env = null)
    {
        Env = env ?? NewEnv(name);
        Ref = Env.SetupEndpoint(name, _endpoint);
    }

    public RpcEnv Env { get; }

    /// <inheritdoc cref="ProbeEndpoint.AnswersNothing"/>
    public bool AnswersNothing { get => _endpoint.AnswersNothing; set => _endpoint.AnswersNothing = value; }

    public RpcEndpointRef Ref { get; }

    /// <summary>Makes an env that claims the role which nodes with such an endpoint have.</summary>
    public static RpcEnv NewEnv(string name) =>
        TestedEnv.Factory.Create(new RpcEnvOptions(name, new SparkConf(loadDefaults: false), DeployMessages.Register(new MessageRegistry()))
        {
            Roles = [name switch { "Master" => "master", "Worker" => "worker", "AppClient" or "driver" => "driver", _ => name }],
        });

    public RpcEndpointRef To(RpcAddress address, string name) => Env.RefTo(new RpcEndpointAddress(address, name));

    /// <inheritdoc cref="ProbeEndpoint.ExpectAsync{T}"/>
    public Task<T> ExpectAsync<T>() => _endpoint.ExpectAsync<T>();

    /// <inheritdoc cref="ProbeEndpoint.FishAsync{T}"/>
    public Task<T> FishAsync<T>() => _endpoint.FishAsync<T>();

    public ValueTask DisposeAsync() => Env.DisposeAsync();
}
