using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Security;

/// <summary>
/// The certificate of a node and its requirements on the certificates of others. TLS 1.3 only, without resumption: every connection presents its certificates,
/// because the proofs of the secret are bound to them. Thread-safe.
/// </summary>
public sealed class TlsIdentity : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    // Wide enough on both sides for any clock of a cluster; the dates are not checked.
    private static readonly DateTimeOffset EphemeralFrom = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset EphemeralTo = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2Collection? _roots;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Creates an identity from certificates.</summary>
    /// <param name="certificate">This node's certificate with its private key.</param>
    /// <param name="chain">The certificates between it and its CA.</param>
    /// <param name="roots">The CAs that peers' certificates must chain to; null if any certificate is accepted, because a secret authenticates peers.</param>
    internal TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection? roots)
    {
        Certificate = certificate;
        Chain = chain;
        _roots = roots;
        _context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        Hash = PeerCertificate.HashOf(certificate);
    }

    /// <summary>This node's certificate with its private key; a self-signed one if <see cref="ChecksCertificates"/> is false.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The certificates between this node's and its CA.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>The CAs that peers' certificates must chain to; empty if certificates are not checked, because a secret authenticates peers.</summary>
    public X509Certificate2Collection TrustedRoots => _roots ?? [];

    /// <summary>The hash of this node's certificate.</summary>
    internal ReadOnlyMemory<byte> Hash { get; }

    /// <summary>Whether certificates of peers are checked against CAs.</summary>
    public bool ChecksCertificates => _roots is not null;

    /// <summary>Whether a connecting peer must present a certificate.</summary>
    public bool NeedsClientCertificate { get; internal init; }

    /// <summary>Whether the certificate of a dialled peer must be valid for the dialled host.</summary>
    public bool VerifiesHostName { get; internal init; }

    /// <summary>Creates a self-signed certificate for the life of an env; the secret authenticates it.</summary>
    internal static TlsIdentity Ephemeral()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sparkish node", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(EphemeralFrom, EphemeralTo);
        return new TlsIdentity(CertificateFiles.ForTls(certificate), [], roots: null);
    }

    /// <summary>Options of the listening side. The caller refuses an untrusted certificate, since it can report the reason.</summary>
    internal SslServerAuthenticationOptions ServerOptions(PeerCertificate peer) => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = NeedsClientCertificate,
        CertificateChainPolicy = Policy(ClientUse),
        EnabledSslProtocols = SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowRenegotiation = false,
        AllowTlsResume = false,
#pragma warning disable CA5359 // every problem is recorded in the peer's certificate, and refused there
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (NeedsClientCertificate) peer.Take(certificate, chain, errors, host: null);
            return true;
        },
#pragma warning restore CA5359
    };

    /// <summary>Options of the connecting side: it sends nothing to a node with an untrusted certificate.</summary>
    internal SslClientAuthenticationOptions ClientOptions(string host, PeerCertificate peer) => new()
    {
        TargetHost = host,
        ClientCertificateContext = ChecksCertificates ? _context : null,
        CertificateChainPolicy = Policy(ServerUse),
        EnabledSslProtocols = SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowRenegotiation = false,
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            var counted = VerifiesHostName ? errors : errors & ~SslPolicyErrors.RemoteCertificateNameMismatch;
            peer.Take(certificate, chain, ChecksCertificates || certificate is null ? counted : SslPolicyErrors.None, host);
            return peer.Problem is null;
        },
    };

    /// <summary>
    /// Returns the reason why a peer's certificate is not trusted, for envs with their own TLS. A CA of <see cref="TrustedRoots"/> must have signed it, for
    /// this use, and it must be valid for the dialled host (<see cref="VerifiesHostName"/>). CAs of the system do not count.
    /// </summary>
    /// <param name="certificate">The certificate; null if the peer presented none.</param>
    /// <param name="others">The other certificates that the peer showed.</param>
    /// <param name="dialledHost">The dialled host; null for a connecting peer.</param>
    /// <returns>The problem; null for a certificate that is to be trusted.</returns>
    public string? FindProblem(X509Certificate2? certificate, X509Certificate2Collection? others, string? dialledHost)
    {
        var peer = new PeerCertificate();
        using var chain = new X509Chain { ChainPolicy = Policy(dialledHost is null ? ClientUse : ServerUse) };
        if (others is not null) chain.ChainPolicy.ExtraStore.AddRange(others);
        var errors = SslPolicyErrors.None;
        if (certificate is not null && !chain.Build(certificate)) errors |= SslPolicyErrors.RemoteCertificateChainErrors;
        if (certificate is not null && dialledHost is not null && VerifiesHostName && !certificate.MatchesHostname(dialledHost))
            errors |= SslPolicyErrors.RemoteCertificateNameMismatch;
        peer.Take(certificate, chain, errors, dialledHost);
        return peer.Problem;
    }

    /// <summary>Forgets the private key.</summary>
    public void Dispose() => Certificate.Dispose();

    /// <summary>Builds a chain without network access. Without our own CAs it trusts none, not even those of the system.</summary>
    private X509ChainPolicy Policy(string use)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (_roots is not null) policy.CustomTrustStore.AddRange(_roots);
        policy.ApplicationPolicy.Add(new Oid(use));
        return policy;
    }
}
