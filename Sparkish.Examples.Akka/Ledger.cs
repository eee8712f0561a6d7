using Sparkish.Rpc;

namespace Sparkish.Examples.Akka;

/// <summary>A Sparkish endpoint that writes what it is sent, until it is closed.</summary>
internal sealed class Ledger : RpcEndpoint
{
    public override void Receive(object message)
    {
        switch (message)
        {
            case Entry m: Console.WriteLine($"{m.Count,10}  {m.Word}"); break;
            case Close: Stop(); break;
            default: base.Receive(message); break;
        }
    }
}
