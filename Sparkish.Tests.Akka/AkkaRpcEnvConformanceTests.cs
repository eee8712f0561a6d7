using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Sparkish.Akka;
using Sparkish.Rpc;
using Sparkish.TestKit.NUnit.Conformance;
using Sparkish.Tests.Conformance;

namespace Sparkish.Tests.Akka;

/// <summary>
/// The env on Akka.NET keeps the contract. Envs that a test kills or cuts off are reached through two proxies, one for the env's port and one for that of
/// Akka.Remote.
/// </summary>
internal sealed class AkkaRpcEnvConformanceTests : RpcEnvConformance
{
    private const int Attempts = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<RpcEnv, LoopbackProxy[]> _proxies = [];

    protected override RpcEnv Create(RpcEnvOptions options, bool faulty) =>
        faulty ? CreateBehindProxies(options, Attempts) : new AkkaRpcEnvFactory().Create(options);

    protected override async Task RunAsync(Func<Task> body)
    {
        try
        {
            await Task.Run(body).WaitAsync(Patience);
        }
        finally
        {
            foreach (var proxy in _proxies.Values.SelectMany(static proxies => proxies)) await proxy.DisposeAsync();
            _proxies.Clear();
        }
    }

    /// <summary>A dead process dials nobody either: its ends of channels go without a word.</summary>
    protected override void Kill(RpcEnv env)
    {
        using var muted = new ManualResetEventSlim();
        _ = ((ActorSystemRpcEnv)env).Gate.GracefulStop(Patience).ContinueWith(_ => muted.Set(), TaskScheduler.Default);
        muted.Wait(Patience);
        Array.ForEach(_proxies[env], static proxy => proxy.Kill());
    }

    protected override void Cut(RpcEnv a, RpcEnv b) => Array.ForEach([.. _proxies[a], .. _proxies[b]], static proxy => proxy.Cut());

    protected override Task InBackgroundAsync(RpcEnv env, Action action) => Task.Run(action);

    /// <summary>The actor system has to be told its port, which another process may have taken meanwhile.</summary>
    private RpcEnv CreateBehindProxies(RpcEnvOptions options, int attempts)
    {
        var (streams, messages) = (new LoopbackProxy(), new LoopbackProxy());
        var (bound, port) = (new BoundPortLog(), FreePort());
        options.Conf.Set("spark.akka.port", $"{port}").Set("spark.akka.advertisedPort", $"{messages.Port}");
        RpcEnv env;
        try
        {
            env = new AkkaRpcEnvFactory().Create(options with { AdvertisedPort = streams.Port, LoggerFactory = bound });
        }
        catch (SparkException) when (attempts > 1)
        {
            return CreateBehindProxies(options, attempts - 1);
        }

        streams.Start(bound.Port);
        messages.Start(port);
        _proxies.Add(env, [streams, messages]);
        return env;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
