using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.Rpc.Local;

namespace Sparkish.Tests.Rpc.Local;

/// <summary>An ask without an asker, which keeps its outcomes: there may be only one.</summary>
internal sealed class FakeAsk : PendingAsk
{
    private static readonly RpcEnv Env = Envs.New(Envs.Options("fake") with { Listen = false });

    /// <summary>What it was answered with, and the failures.</summary>
    public ConcurrentQueue<object?> Outcomes { get; } = new();

    public override RpcEndpointRef Receiver { get; } = Env.RefTo(new RpcEndpointAddress(new RpcAddress("fake", 1), "e"));

    public override RpcAddress SenderAddress => new("fake", 2);

    public override bool IsAuthenticated => true;

    public override void Retain()
    {
        // Nothing is used again.
    }

    public override void Released()
    {
        // Nothing is used again.
    }

    public override void Execute()
    {
        // Nobody waits.
    }

    protected override void SetOutcome(object? response, Exception? error)
    {
        Disarm();
        Outcomes.Enqueue(error ?? response);
    }

    protected override void SetCanceled(CancellationToken token) => SetOutcome(null, new OperationCanceledException(token));

    protected override void ReleaseAnswer()
    {
        // Nothing is used again.
    }
}
