using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>An endpoint of this env as the receiver of messages of one connection.</summary>
/// <param name="frames">The frames of the connection.</param>
/// <param name="endpoint">The endpoint.</param>
/// <param name="number">The peer's number for it; 0 if it was addressed by name.</param>
/// <param name="window">The credit of the peer; null if it was addressed by name.</param>
internal sealed class InboundReceiver(IncomingFrames frames, LocalEndpointRef endpoint, int number, ReceiveWindow? window) : IInboundSource
{
    public LocalEndpointRef Endpoint => endpoint;

    public int Number => number;

    public ReceiveWindow? Window => window;

    public IInboundConnection Connection => frames;

    public RpcPeer Peer => frames.Identity;

    /// <summary>Messages by name are counted at once: no further message uses the same object.</summary>
    public long UncountedCost => window?.UncountedCost ?? 0;

    public void Handled(long cost) => frames.Handled(this, cost);
}
