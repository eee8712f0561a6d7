using System.Net.Security;
using System.Security.Authentication;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Rpc.Sockets;

/// <summary>TLS over the bytes of a channel, whatever carries them, and what a handshake over it is bound to. The TLS stream owns the inner one.</summary>
internal static class ChannelTls
{
    /// <summary>The side that connects.</summary>
    /// <exception cref="HandshakeException">The peer's certificate is not to be trusted, or TLS could not be agreed on.</exception>
    public static async Task<(SslStream Stream, ChannelBinding Binding)> ConnectAsync(
        Stream inner, string host, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var peer = new PeerCertificate();
        var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(tls.ClientOptions(host, peer), cancellationToken).ConfigureAwait(false);
            return (stream, BindingOf(tls, stream, peer));
        }
        catch (Exception error)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (Explain(error, peer) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>The side that connects, blocking its thread.</summary>
    /// <exception cref="HandshakeException">The peer's certificate is not to be trusted, or TLS could not be agreed on.</exception>
    public static (SslStream Stream, ChannelBinding Binding) Connect(Stream inner, string host, TlsIdentity tls)
    {
        var peer = new PeerCertificate();
        var stream = new SslStream(inner);
        try
        {
            stream.AuthenticateAsClient(tls.ClientOptions(host, peer));
            return (stream, BindingOf(tls, stream, peer));
        }
        catch (Exception error)
        {
            stream.Dispose();
            if (Explain(error, peer) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>The side that listens.</summary>
    /// <returns>The stream, what a handshake over it is bound to, and why the peer is refused whatever it says; null if the handshake decides.</returns>
    /// <exception cref="HandshakeException">TLS could not be agreed on.</exception>
    public static async Task<(SslStream Stream, ChannelBinding Binding, string? Refusal)> AcceptAsync(
        Stream inner, TlsIdentity tls, CancellationToken cancellationToken)
    {
        var peer = new PeerCertificate { VerifiesHost = tls.VerifiesHostName };
        var stream = new SslStream(inner);
        try
        {
            await stream.AuthenticateAsServerAsync(tls.ServerOptions(peer), cancellationToken).ConfigureAwait(false);
            peer.Keep();
            var missing = tls.NeedsClientCertificate && peer.Hash.IsEmpty ? "it presented no certificate" : peer.Problem;
            return (stream, new ChannelBinding(tls.Hash, peer.Hash) { Peer = PeerOf(tls, peer) },
                missing is null ? null : $"the listening node does not accept the connecting node: {missing} (spark.ssl.rpc.needClientAuth)");
        }
        catch (Exception error)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (Explain(error, peer) is { } explained) throw explained;
            throw;
        }
    }

    private static ChannelBinding BindingOf(TlsIdentity tls, SslStream stream, PeerCertificate peer)
    {
        peer.Keep();
        return new(peer.Hash, tls.ChecksCertificates && stream.IsMutuallyAuthenticated ? tls.Hash : default) { Peer = PeerOf(tls, peer) };
    }

    /// <summary>A self-signed certificate proves nothing.</summary>
    private static PeerCertificate? PeerOf(TlsIdentity tls, PeerCertificate peer) => tls.ChecksCertificates ? peer : null;

    /// <summary>Describes a failure of TLS; null for other failures.</summary>
    private static HandshakeException? Explain(Exception error, PeerCertificate peer)
    {
        if (error is HandshakeException or OperationCanceledException) return null;
        if (error.InnerException is HandshakeException inner) return inner;
        if (peer.Problem is { } problem) return new HandshakeException(problem, innerException: error);
        return error is AuthenticationException or IOException
            ? new HandshakeException($"the TLS handshake failed: {error.GetBaseException().Message.TrimEnd('.')}", innerException: error)
            : null;
    }
}
