using System.Net;
using System.Net.Sockets;
using System.Text;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Rpc.Sockets;

/// <summary>
/// The first bytes on a socket: TLS if this node uses it, plain otherwise. The first byte shows a peer that differs — TLS begins with 0x16, our protocol with
/// its magic — and each side's error names the missing setting.
/// </summary>
internal static class ChannelOpener
{
    private const byte TlsHandshake = 0x16;
    private const int TlsHeaderBytes = 5;
    private const int MaxTlsRecordBytes = 16 << 10;

    private const string HowToSwitchOn = "give it the same spark.authenticate.secret, or certificates by spark.ssl.rpc.*";
    private const string ListenerIsPlain = $"the connecting node speaks TLS and the listening node does not: {HowToSwitchOn}";
    private const string ConnecterIsPlain = $"the listening node speaks only TLS and the connecting node does not: {HowToSwitchOn}";

    /// <summary>The side that connects.</summary>
    public static async Task<(SocketChannel Channel, ChannelBinding Binding)> ConnectAsync(
        Socket socket, string host, SecurityManager security, CancellationToken cancellationToken)
    {
        if (security.Tls is not { } tls) return (new SocketChannel(socket), BindingOf(socket.RemoteEndPoint));
        var (stream, binding) = await ChannelTls.ConnectAsync(new DialledStream(socket), host, tls, cancellationToken).ConfigureAwait(false);
        return (new SocketChannel(socket, stream), binding);
    }

    /// <summary>The side that connects, blocking its thread.</summary>
    public static (SocketChannel Channel, ChannelBinding Binding) Connect(Socket socket, string host, SecurityManager security)
    {
        if (security.Tls is not { } tls) return (new SocketChannel(socket), BindingOf(socket.RemoteEndPoint));
        var (stream, binding) = ChannelTls.Connect(new DialledStream(socket), host, tls);
        return (new SocketChannel(socket, stream), binding);
    }

    /// <summary>The side that listens.</summary>
    /// <exception cref="HandshakeException">The other side is not a peer, or speaks another protocol.</exception>
    public static async Task<OpenedChannel> AcceptAsync(Socket socket, SecurityManager security, CancellationToken cancellationToken)
    {
        var first = new byte[1];
        if (await socket.ReceiveAsync(first, SocketFlags.Peek, cancellationToken).ConfigureAwait(false) == 0)
            throw new HandshakeException("it closed the connection before it sent anything");
        var isOurs = !SpeaksTls(first[0]);
        if (security.Tls is { } tls && !isOurs) return await AcceptTlsAsync(socket, tls, cancellationToken).ConfigureAwait(false);

        var channel = new SocketChannel(socket);
        if (security.Tls is null && isOurs) return new OpenedChannel(channel, BindingOf(socket.LocalEndPoint));
        if (isOurs) return await RefusePlainAsync(channel, cancellationToken).ConfigureAwait(false);
        await ReadTlsAsync(channel, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(channel, default, ListenerIsPlain);
    }

    /// <summary>Whether a peer speaks TLS, which its first byte tells.</summary>
    /// <exception cref="HandshakeException">It speaks neither TLS nor the protocol.</exception>
    public static bool SpeaksTls(byte first) => first == TlsHandshake || (first == HandshakeFormat.Magic[0]
        ? false
        : throw new HandshakeException("it does not speak Sparkish's protocol; nodes of one cluster need the same spark.rpc.factory"));

    /// <summary>Refuses a peer that does not speak TLS. Its pending bytes are read first: closing with unread bytes would lose the refusal.</summary>
    public static async Task<OpenedChannel> RefusePlainAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var prelude = new byte[HandshakeFormat.PreludeBytes];
        await HandshakeIo.FillAsync(channel, prelude, cancellationToken).ConfigureAwait(false);
        HandshakeFormat.DecodePrelude(prelude);
        await HandshakeIo.ReadAsync(channel, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(channel, default, ConnecterIsPlain);
    }

    private static async Task<OpenedChannel> AcceptTlsAsync(Socket socket, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var inner = new NetworkStream(socket, ownsSocket: true);
        var (stream, binding, refusal) = await ChannelTls.AcceptAsync(inner, tls, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(new SocketChannel(socket, stream), binding, refusal);
    }

    /// <summary>Without TLS a proof is bound to the listening end of the connection, if both ends are on this machine.</summary>
    private static ChannelBinding BindingOf(EndPoint? listening)
    {
        if (listening is not IPEndPoint { Address: var address, Port: var port }) return default;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return IPAddress.IsLoopback(address)
            ? default(ChannelBinding) with { Endpoint = Encoding.UTF8.GetBytes(new IPEndPoint(address, port).ToString()) }
            : default;
    }

    /// <summary>Reads the pending bytes of a peer that speaks TLS, for the same reason.</summary>
    private static async Task ReadTlsAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var header = new byte[TlsHeaderBytes];
        await HandshakeIo.FillAsync(channel, header, cancellationToken).ConfigureAwait(false);
        var length = (header[3] << 8) | header[4];
        if (length > MaxTlsRecordBytes) throw new HandshakeException("it speaks neither Sparkish's protocol nor TLS");
        await HandshakeIo.FillAsync(channel, new byte[length], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The socket under TLS. Its first byte may show that the peer does not speak TLS.</summary>
    private sealed class DialledStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private bool _hasSpoken;

        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer);
            if (!_hasSpoken && read > 0) Check(buffer[0]);
            return read;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _hasSpoken || buffer.IsEmpty ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

        private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read > 0) Check(buffer.Span[0]);
            return read;
        }

        private void Check(byte first)
        {
            _hasSpoken = true;
            if (first == HandshakeFormat.Magic[0]) throw new HandshakeException(ListenerIsPlain);
        }
    }
}
