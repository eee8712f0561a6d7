#pragma warning disable CA5359 // it plays an attacker, or looks at the certificate itself
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sparkish.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Ends TLS with a certificate of its own and passes on what it reads, both ways: an attacker between two nodes, or a server's secure port.</summary>
internal sealed class TlsRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _clients = new();
    private readonly RpcAddress _target;
    private readonly X509Certificate2 _certificate;
    private readonly bool _isBetween;
    private long _relayed;

    private TlsRelay(RpcAddress target, X509Certificate2 certificate, bool isBetween)
    {
        (_target, _certificate, _isBetween) = (target, certificate, isBetween);
        _listener.Start();
        _ = RunAsync();
    }

    public RpcAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>How many bytes it has read in the clear.</summary>
    public long Relayed => Interlocked.Read(ref _relayed);

    /// <summary>The names of the clients that have proven themselves by a certificate.</summary>
    public IReadOnlyCollection<string> Clients => _clients;

    /// <summary>Someone between a node and its peers, with a certificate that nobody has signed, who speaks TLS on both sides.</summary>
    public static TlsRelay Between(RpcAddress target)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new CertificateRequest("CN=Sparkish node", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new TlsRelay(target, certificate, isBetween: true);
    }

    /// <summary>The secure port of a server of this machine that speaks no TLS itself: it asks clients for certificates.</summary>
    public static TlsRelay Before(int port, X509Certificate2 certificate) => new(new RpcAddress("127.0.0.1", port), certificate, isBetween: false);

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true) _ = RelayAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket accepted)
    {
        await using var near = new SslStream(new NetworkStream(accepted, ownsSocket: true));
        await near.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = _certificate,
            ClientCertificateRequired = !_isBetween,
            RemoteCertificateValidationCallback = (_, client, _, _) => _isBetween || client is not null,
        });
        if (near.RemoteCertificate is { } client) _clients.Enqueue(client.Subject);
        var dialled = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await dialled.ConnectAsync(_target.Host, _target.Port);
        await using var far = await SpeakAsync(new NetworkStream(dialled, ownsSocket: true));
        await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
    }

    private async Task<Stream> SpeakAsync(NetworkStream plain)
    {
        if (!_isBetween) return plain;
        var secure = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await secure.AuthenticateAsClientAsync("127.0.0.1");
        return secure;
    }

    private async Task PassAsync(Stream from, Stream to)
    {
        var buffer = new byte[4096];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            Interlocked.Add(ref _relayed, read);
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
