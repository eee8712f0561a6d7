#pragma warning disable CA5359 // it plays an attacker, or looks at the certificate itself
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>A peer on a bare TLS stream that connects to an env and does what a test says: also what an attacker would do.</summary>
internal sealed class SecretPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
    private readonly SslStream _tls;

    public SecretPeer(RpcAddress env, X509Certificate2? certificate = null)
    {
        _socket.Connect(env.Host, env.Port);
        _tls = new SslStream(new NetworkStream(_socket, ownsSocket: true));
        _tls.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = env.Host,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
    }

    /// <summary>What this peer says first; the nonce is the same on every connection, which only an attacker would have.</summary>
    public static byte[] Opening(bool authenticates = true, ushort version = 2, ushort oldest = 2, byte[]? extension = null) =>
        [.. ScriptedPeer.Prelude(version, oldest),
            .. ScriptedPeer.Hello(new RpcAddress("127.0.0.1", 65000), authenticates: authenticates, extension: extension)];

    /// <summary>Its socket address, as the env sees it.</summary>
    public string Local => _socket.LocalEndPoint!.ToString()!;

    public void Send(params byte[] bytes) => _tls.Write(bytes);

    /// <summary>Reads the env's prelude, hello and proof; the first two byte by byte.</summary>
    public (byte[] Hello, byte[] Proof) ReceiveHello()
    {
        var prelude = ReceivePrelude();
        var (hello, _, _) = ReceiveStep();
        var (_, step, proof) = ReceiveStep();
        Assert.That(step, Is.EqualTo(2), "a proof follows the hello");
        return ([.. prelude, .. hello], proof);
    }

    public byte[] ReceivePrelude() => Receive(12);

    /// <summary>Reads one step of the handshake.</summary>
    public (byte[] Whole, byte Step, byte[] Body) ReceiveStep()
    {
        var header = Receive(3);
        var body = Receive(BitConverter.ToUInt16(header, 1));
        return ([.. header, .. body], header[0], body);
    }

    /// <summary>Reads until the env ends the connection.</summary>
    public void ReceiveEnd()
    {
        try
        {
            while (_tls.Read(new byte[4096]) > 0)
            {
                // What the env says to somebody it refuses is of no interest here.
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // The env closed with bytes unread: an end as well.
        }
    }

    /// <summary>A proof as the protocol has it, worked out by itself.</summary>
    public byte[] Prove(string secret, string side, byte[] clientHello, byte[] serverHello, byte[] serverProof)
    {
        byte[][] parts = [clientHello, serverHello, SHA256.HashData(_tls.RemoteCertificate!.GetRawCertData()), [], serverProof];
        var transcript = SHA256.HashData([.. parts.SelectMany(part => (byte[])[.. BitConverter.GetBytes(part.Length), .. part])]);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, System.Text.Encoding.UTF8.GetBytes(secret), 32,
            salt: "Sparkish cluster secret"u8.ToArray(), info: [.. System.Text.Encoding.ASCII.GetBytes($"{side} proof"), 2, 0]);
        return HMACSHA256.HashData(key, transcript);
    }

    public void Dispose() => _tls.Dispose();

    private byte[] Receive(int count)
    {
        var bytes = new byte[count];
        _tls.ReadExactly(bytes);
        return bytes;
    }
}
