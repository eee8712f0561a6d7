using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit.NUnit.Conformance;

namespace Sparkish.Tests.Conformance;

/// <summary>The simulated env keeps the contract; each test is one seed, of its own.</summary>
internal sealed class SimulatedRpcEnvConformanceTests : RpcEnvConformance
{
    private readonly Dictionary<RpcEnv, SimulatedNode> _nodes = [];
    private SimulatedCluster _cluster = null!;

    /// <summary>The seed of all tests; another one explores other orders.</summary>
    private static long Seed => Environment.GetEnvironmentVariable(SimulatedCluster.SeedVariable) is { Length: > 0 } given
        ? long.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
        : 1;

    protected override RpcEnv Create(RpcEnvOptions options, bool faulty)
    {
        var node = _cluster.Nodes.FirstOrDefault(node => node.Name == options.Name) ?? _cluster.AddNode(options.Name, (SimulatedNode _) => { });
        var env = node.EnvFactory.Create(options);
        _nodes.Add(env, node);
        return env;
    }

    protected override Task RunAsync(Func<Task> body)
    {
        _nodes.Clear();
        _cluster = new SimulatedCluster(Seed);
        _cluster.Run(body);
        return Task.CompletedTask;
    }

    protected override string? WhyLacking(RpcEnvFeature feature) =>
        feature == RpcEnvFeature.IsolatedThreads ? "a simulation runs all endpoints on its one thread." : null;

    protected override void Kill(RpcEnv env) => _nodes[env].Crash();

    protected override void Cut(RpcEnv a, RpcEnv b) => _cluster.Cut(_nodes[a], _nodes[b]);

    protected override Task InBackgroundAsync(RpcEnv env, Action action)
    {
        var done = env.NewCompletion<bool>();
        _cluster.Schedule(TimeSpan.Zero, () =>
        {
            action();
            done.SetResult(true);
        });
        return done.Task;
    }
}
