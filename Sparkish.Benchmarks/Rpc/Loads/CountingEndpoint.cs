using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Counts its messages where their producer sees it.</summary>
internal sealed class CountingEndpoint(HandledCount handled) : RpcEndpoint
{
    public override void Receive(object message)
    {
        switch (message)
        {
            case Tick: handled.Handled(); break;
            default: base.Receive(message); break;
        }
    }
}
