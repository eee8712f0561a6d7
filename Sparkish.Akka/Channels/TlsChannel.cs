using System.Net.Security;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Sockets;
using Sparkish.Security;

namespace Sparkish.Akka.Channels;

/// <summary>
/// TLS over a channel, always: Akka.Remote hands messages on under whatever address a connection claims, so that only the ends themselves can keep
/// others out. The handshake's proofs are bound to the certificates, as over sockets.
/// </summary>
internal sealed class TlsChannel(AkkaChannel channel, SslStream tls) : IChannel
{
    public string Remote => channel.Remote;

    public bool IsEncrypted => true;

    public bool HasUnread => channel.HasUnread;

    /// <summary>The side that connects.</summary>
    public static async Task<OpenedChannel> ConnectAsync(AkkaChannel channel, string host, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var (stream, binding) = await ChannelTls.ConnectAsync(new ChannelStream(channel), host, tls, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(new TlsChannel(channel, stream), binding);
    }

    /// <summary>The side that listens.</summary>
    public static async Task<OpenedChannel> AcceptAsync(AkkaChannel channel, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var (stream, binding, refusal) = await ChannelTls.AcceptAsync(new ChannelStream(channel), tls, cancellationToken).ConfigureAwait(false);
        return new OpenedChannel(new TlsChannel(channel, stream), binding, refusal);
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => tls.ReadAsync(buffer, cancellationToken);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => tls.WriteAsync(bytes, cancellationToken);

    public void ShutdownSend() => channel.ShutdownSend();

    public void Dispose()
    {
        // The channel first: a reader or writer inside the TLS stream then ends, rather than being waited for.
        channel.Dispose();
        tls.Dispose();
    }
}
