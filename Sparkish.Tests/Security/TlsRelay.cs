#pragma warning disable CA5359 // it plays an attacker, or looks at the certificate itself
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sparkish.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Someone between two nodes: ends TLS with a certificate of its own and passes on what it reads, both ways.</summary>
internal sealed class TlsRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly RpcAddress _target;
    private readonly X509Certificate2 _certificate;
    private long _relayed;

    public TlsRelay(RpcAddress target)
    {
        _target = target;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _certificate = new CertificateRequest("CN=Sparkish node", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _listener.Start();
        _ = RunAsync();
    }

    public RpcAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>How many bytes it has read in the clear.</summary>
    public long Relayed => Interlocked.Read(ref _relayed);

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
        await near.AuthenticateAsServerAsync(_certificate);
        var dialled = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await dialled.ConnectAsync(_target.Host, _target.Port);
        await using var far = new SslStream(new NetworkStream(dialled, ownsSocket: true), leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await far.AuthenticateAsClientAsync("127.0.0.1");
        await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
    }

    private async Task PassAsync(SslStream from, SslStream to)
    {
        var buffer = new byte[4096];
        for (int read; (read = await from.ReadAsync(buffer)) > 0;)
        {
            Interlocked.Add(ref _relayed, read);
            await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
