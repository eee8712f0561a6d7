using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>Where a <see cref="BareServer"/> listens, and how it is spoken to.</summary>
/// <param name="Port">Its port on loopback.</param>
/// <param name="CertificateHash">The SHA-256 of its certificate; null where it speaks over the bare socket.</param>
internal sealed record BarePeer(int Port, string? CertificateHash)
{
    /// <summary>What the baseline is called in figures.</summary>
    public string Name => CertificateHash is null ? "bare socket" : "bare SslStream";

    public async Task<Stream> ConnectAsync(BareMode mode)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (CertificateHash is not null)
        {
            var secured = new SslStream(stream, leaveInnerStreamOpen: false);
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate is not null && BareCertificate.HashOf(certificate) == CertificateHash,
            });
            stream = secured;
        }

        await stream.WriteAsync(new[] { (byte)mode });
        return stream;
    }
}
