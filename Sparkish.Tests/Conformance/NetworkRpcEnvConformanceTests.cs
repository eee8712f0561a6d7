using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.TestKit.NUnit.Conformance;

namespace Sparkish.Tests.Conformance;

/// <summary>The network env keeps the contract. Envs that a test kills or cuts off are reached through a proxy, which does it.</summary>
internal sealed class NetworkRpcEnvConformanceTests : RpcEnvConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<RpcEnv, LoopbackProxy> _proxies = [];

    protected override RpcEnv Create(RpcEnvOptions options, bool faulty)
    {
        if (!faulty) return new NetworkRpcEnvFactory().Create(options);
        var proxy = new LoopbackProxy();
        var bound = new BoundPortLog();
        var env = new NetworkRpcEnvFactory().Create(options with { AdvertisedPort = proxy.Port, LoggerFactory = bound });
        proxy.Start(bound.Port);
        _proxies.Add(env, proxy);
        return env;
    }

    protected override async Task RunAsync(Func<Task> body)
    {
        try
        {
            await Task.Run(body).WaitAsync(Patience);
        }
        finally
        {
            foreach (var proxy in _proxies.Values) await proxy.DisposeAsync();
            _proxies.Clear();
        }
    }

    protected override void Kill(RpcEnv env) => _proxies[env].Kill();

    protected override void Cut(RpcEnv a, RpcEnv b)
    {
        _proxies[a].Cut();
        _proxies[b].Cut();
    }

    protected override Task InBackgroundAsync(RpcEnv env, Action action) => Task.Run(action);
}
