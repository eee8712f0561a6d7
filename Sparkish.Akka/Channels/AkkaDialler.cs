using System.Text;
using Akka.Actor;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Akka.Channels;

/// <summary>
/// Opens channels over Akka.Remote. Where the gate of a peer is, the peer itself says as a stream, over sockets on which both sides have proven themselves.
/// </summary>
internal sealed class AkkaDialler(
    ActorSystem system, IActorRef gate, SecurityManager security, TlsIdentity tls, Func<RpcAddress, CancellationToken, Task<Stream>> openStream) : IDialler
{
    private const int MaxPathBytes = 4096;

    public async ValueTask<OpenedChannel> OpenAsync(RpcAddress peer, CancellationToken cancellationToken)
    {
        var path = await AskForGateAsync(peer, cancellationToken).ConfigureAwait(false);
        var there = ((ExtendedActorSystem)system).Provider.ResolveActorRef(path);
        var staysHere = SystemAddress.IsLoopback(there.Path.Address) && SystemAddress.IsLoopback(SystemAddress.Of(system));
        var channel = AkkaChannel.To(there);
        gate.Tell(new GateActor.Dial(channel), ActorRefs.NoSender);
        try
        {
            await channel.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await PeerChannel.ConnectAsync(channel, peer, staysHere, security, tls, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    private async Task<string> AskForGateAsync(RpcAddress peer, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await openStream(peer, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                if (stream.Length is < 1 or > MaxPathBytes) throw new HandshakeException($"it names a gate of {stream.Length} bytes");
                var bytes = new byte[stream.Length];
                await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
                var path = Encoding.UTF8.GetString(bytes);
                return ActorPath.TryParse(path, out _) ? path : throw new HandshakeException("it names a gate that is not an actor's path");
            }
        }
        catch (BulkNotFoundException error)
        {
            throw new HandshakeException(error.Message.TrimEnd('.'), innerException: error);
        }
    }
}
