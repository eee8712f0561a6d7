using System.Net.Security;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Sockets;
using Sparkish.Security;

namespace Sparkish.Akka.Channels;

/// <summary>
/// A channel as the transport uses it: its bytes, or TLS over them. Akka.Remote hands messages on under whatever address a connection claims, so only the
/// ends can keep others out. All that is proven is therefore proven over TLS. Nodes of one machine that prove nothing have none, as over sockets.
/// </summary>
internal sealed class PeerChannel : IChannel
{
    private readonly AkkaChannel _channel;
    private readonly SslStream? _tls;

    private PeerChannel(AkkaChannel channel, SslStream? tls = null)
    {
        (_channel, _tls) = (channel, tls);
        channel.ReadInline();
    }

    public string Remote => _channel.Remote;

    public bool IsEncrypted => _tls is not null;

    public bool HasUnread => _channel.HasUnread;

    // A receive completes on the thread of Akka.Remote that reads all messages of the peer.
    public bool LendsThread => false;

    private static ChannelBinding OfAnyone => new() { IsShared = true };

    /// <summary>The side that connects.</summary>
    /// <param name="channel">The channel to the gate.</param>
    /// <param name="peer">The address of the dialled env.</param>
    /// <param name="staysHere">Whether both actor systems are reached from this machine alone.</param>
    /// <param name="security">What this node proves.</param>
    /// <param name="tls">Its TLS identity, which it has without certificates too.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<OpenedChannel> ConnectAsync(
        AkkaChannel channel, RpcAddress peer, bool staysHere, SecurityManager security, TlsIdentity tls, CancellationToken cancellationToken)
    {
        if (staysHere && security.Tls is null && !security.ToProve(peer.ToString()).Proves) return new OpenedChannel(new PeerChannel(channel), OfAnyone);
        var (stream, binding) = await ChannelTls.ConnectAsync(new ChannelStream(channel), peer.Host, tls, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(new PeerChannel(channel, stream), binding);
    }

    /// <summary>The side that listens.</summary>
    /// <param name="channel">The channel to this node's gate.</param>
    /// <param name="security">What this node proves.</param>
    /// <param name="tls">Its TLS identity, which it has without certificates too.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="HandshakeException">The other side is not a peer, or speaks another protocol.</exception>
    public static async Task<OpenedChannel> AcceptAsync(AkkaChannel channel, SecurityManager security, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var first = await channel.PeekAsync(cancellationToken).ConfigureAwait(false) ?? throw new HandshakeException(HandshakeIo.Ended);
        if (!ChannelOpener.SpeaksTls(first))
        {
            var plain = new PeerChannel(channel);
            return security.Tls is null
                ? new OpenedChannel(plain, OfAnyone)
                : await ChannelOpener.RefusePlainAsync(plain, cancellationToken).ConfigureAwait(false);
        }

        var (stream, binding, refusal) = await ChannelTls.AcceptAsync(new ChannelStream(channel), tls, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(new PeerChannel(channel, stream), binding, refusal);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _tls is null ? _channel.ReceiveAsync(buffer, cancellationToken) : _tls.ReadAsync(buffer, cancellationToken);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        _tls is null ? _channel.SendAsync(bytes, cancellationToken) : _tls.WriteAsync(bytes, cancellationToken);

    public void ShutdownSend() => _channel.ShutdownSend();

    public void Dispose()
    {
        // The channel first: a reader or writer inside the TLS stream then ends, rather than being waited for.
        _channel.Dispose();
        _tls?.Dispose();
    }
}
