using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>An endpoint of this env as the messages of one connection are for it.</summary>
/// <param name="frames">What reads the connection.</param>
/// <param name="endpoint">The endpoint.</param>
/// <param name="number">The peer's number for it; 0 if it came by name.</param>
/// <param name="window">What was granted to the peer; null if it came by name.</param>
internal sealed class InboundReceiver(IncomingFrames frames, LocalEndpointRef endpoint, int number, ReceiveWindow? window) : IInboundSource
{
    public LocalEndpointRef Endpoint => endpoint;

    public int Number => number;

    public ReceiveWindow? Window => window;

    public IInboundConnection Connection => frames;

    public RpcPeer Peer => frames.Identity;

    /// <summary>What came by name is counted at once: nothing else will come by the same object.</summary>
    public long UncountedCost => window?.UncountedCost ?? 0;

    public void Handled(long cost) => frames.Handled(this, cost);
}
