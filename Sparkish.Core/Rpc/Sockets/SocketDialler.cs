using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Rpc.Sockets;

/// <summary>Opens channels over TCP: resolves the host, connects, and negotiates TLS if this node uses it.</summary>
internal sealed class SocketDialler(SecurityManager security) : IDialler
{
    public async ValueTask<OpenedChannel> OpenAsync(RpcAddress peer, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var addresses = await ResolveAsync(peer.Host, cancellationToken).ConfigureAwait(false);
            await socket.ConnectAsync(addresses, peer.Port, cancellationToken).ConfigureAwait(false);
            var (channel, binding) = await ChannelOpener.ConnectAsync(socket, peer.Host, security, cancellationToken).ConfigureAwait(false);
            return new OpenedChannel(channel, binding);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
}
