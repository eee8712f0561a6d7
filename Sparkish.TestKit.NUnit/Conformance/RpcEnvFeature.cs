namespace Sparkish.TestKit.NUnit.Conformance;

/// <summary>A feature that an env may lack; its fixture names the missing ones with reasons (<see cref="RpcEnvConformance.WhyLacking"/>).</summary>
public enum RpcEnvFeature
{
    /// <summary>Envs that do not listen: <see cref="Rpc.RpcEnvOptions.Listen"/> is false.</summary>
    NotListening,

    /// <summary>Detection of a silent peer (<c>spark.rpc.io.keepAliveTimeout</c>), and a fixture that can silence one.</summary>
    SilentPeers,

    /// <summary>Streams of peers: <see cref="Rpc.RpcEnv.OpenBulk"/>.</summary>
    Streams,

    /// <summary>Files of peers: <see cref="Rpc.RpcEnv.FileServer"/> and <see cref="Rpc.RpcEnv.FetchFileAsync"/>.</summary>
    Files,

    /// <summary>Endpoints that start on other nodes: <see cref="Rpc.RpcEnv.DeployAsync"/>.</summary>
    Deployment,

    /// <summary>Dead letters: an env reports undeliverable messages to <see cref="Rpc.RpcEnv.DeadLetters"/>.</summary>
    DeadLetters,

    /// <summary>A separate thread for each <see cref="Rpc.IsolatedRpcEndpoint"/>.</summary>
    IsolatedThreads,

    /// <summary>Handlers that await: <see cref="Rpc.AsyncRpcEndpoint"/>.</summary>
    AsyncHandlers,

    /// <summary>
    /// Stops of one endpoint, and of the env, with a deadline: <see cref="Rpc.RpcEnv.StopAsync"/>, <see cref="Rpc.RpcEnv.ShutdownAsync"/> and its phases.
    /// </summary>
    StopWithDeadline,
}
