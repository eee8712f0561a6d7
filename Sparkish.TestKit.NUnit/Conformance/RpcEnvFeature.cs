namespace Sparkish.TestKit.NUnit.Conformance;

/// <summary>What an env may lack and still be of use; its fixture says which and why (<see cref="RpcEnvConformance.WhyLacking"/>).</summary>
public enum RpcEnvFeature
{
    /// <summary>Envs that do not listen: <see cref="Rpc.RpcEnvOptions.Listen"/> is false.</summary>
    NotListening,

    /// <summary>The end of a peer that merely falls silent (<c>spark.rpc.io.keepAliveTimeout</c>), and a fixture that can silence one.</summary>
    SilentPeers,

    /// <summary>Streams of peers: <see cref="Rpc.RpcEnv.OpenBulk"/>.</summary>
    Streams,

    /// <summary>Files of peers: <see cref="Rpc.RpcEnv.FileServer"/> and <see cref="Rpc.RpcEnv.FetchFileAsync"/>.</summary>
    Files,

    /// <summary>Endpoints that start on other nodes: <see cref="Rpc.RpcEnv.DeployAsync"/>.</summary>
    Deployment,

    /// <summary>Dead letters: an env reports what it cannot deliver to <see cref="Rpc.RpcEnv.DeadLetters"/>.</summary>
    DeadLetters,

    /// <summary>A thread of its own for each <see cref="Rpc.IsolatedRpcEndpoint"/>.</summary>
    IsolatedThreads,

    /// <summary>Handlers that await: <see cref="Rpc.AsyncRpcEndpoint"/>.</summary>
    AsyncHandlers,

    /// <summary>
    /// The stop of one endpoint, and of the env, by a deadline: <see cref="Rpc.RpcEnv.StopAsync"/>, <see cref="Rpc.RpcEnv.ShutdownAsync"/> and its phases.
    /// </summary>
    StopWithDeadline,
}
