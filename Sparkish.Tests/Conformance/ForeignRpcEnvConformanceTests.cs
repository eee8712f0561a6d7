using Sparkish.Rpc;
using Sparkish.TestKit.NUnit.Conformance;
using Sparkish.Tests.ForeignEnv;

namespace Sparkish.Tests.Conformance;

/// <summary>An env of another assembly, which sees nothing internal of ours, keeps the contract.</summary>
internal sealed class ForeignRpcEnvConformanceTests : RpcEnvConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected override RpcEnv Create(RpcEnvOptions options, bool faulty) => new ChannelRpcEnvFactory().Create(options);

    protected override string? WhyLacking(RpcEnvFeature feature) =>
        feature == RpcEnvFeature.SilentPeers ? "the channels of one process end, but never fall silent." : null;

    protected override Task RunAsync(Func<Task> body) => Task.Run(body).WaitAsync(Patience);

    protected override void Kill(RpcEnv env) => _ = ((ChannelRpcEnv)env).AbortAsync();

    protected override void Cut(RpcEnv a, RpcEnv b) => throw new NotSupportedException("Channels cannot be cut without a word.");

    protected override Task InBackgroundAsync(RpcEnv env, Action action) => Task.Run(action);
}
