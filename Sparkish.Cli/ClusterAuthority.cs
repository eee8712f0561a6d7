using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Cli;

/// <summary>The certificate authority of a cluster, in two PEM files.</summary>
internal sealed class ClusterAuthority : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const int SerialBytes = 16;
    private const int Years = 10;

    // The clocks of nodes may be behind.
    private static readonly TimeSpan Skew = TimeSpan.FromDays(1);

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time;

    private ClusterAuthority(X509Certificate2 certificate, TimeProvider time) => (_certificate, _time) = (certificate, time);

    /// <summary>The certificate of the authority.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Reads the authority, or creates it if neither file exists.</summary>
    /// <exception cref="SparkException">One of the files is missing or invalid.</exception>
    public static ClusterAuthority LoadOrCreate(string certificateFile, string keyFile, TimeProvider time)
    {
        if (!File.Exists(certificateFile) && !File.Exists(keyFile)) return Create(certificateFile, keyFile, time);
        try
        {
            return new ClusterAuthority(X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile), File.ReadAllText(keyFile)), time);
        }
        catch (Exception error) when (error is IOException or CryptographicException or ArgumentException)
        {
            throw new SparkException(
                $"The authority in '{certificateFile}' and '{keyFile}' cannot be read ({error.Message.TrimEnd('.')}): restore both files, or give a new directory.", error);
        }
    }

    /// <summary>Issues a certificate for a node, which it needs to dial and to be dialled.</summary>
    /// <param name="host">The address or name of the node.</param>
    /// <param name="life">The time for which it is valid; at most that of the authority.</param>
    /// <returns>The certificate and its private key as PEM.</returns>
    public (string Certificate, string Key) Issue(string host, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={host}"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        var now = _time.GetUtcNow();
        var (from, to) = (new DateTimeOffset(_certificate.NotBefore), new DateTimeOffset(_certificate.NotAfter));
        var end = now + life < to ? now + life : to;
        using var issued = request.Create(_certificate, now - Skew > from ? now - Skew : from, end, RandomNumberGenerator.GetBytes(SerialBytes));
        return (issued.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public void Dispose() => _certificate.Dispose();

    private static ClusterAuthority Create(string certificateFile, string keyFile, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sparkish cluster", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        var now = time.GetUtcNow();
        var certificate = request.CreateSelfSigned(now - Skew, now.AddYears(Years));
        PrivateFiles.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFiles.WriteAllText(certificateFile, certificate.ExportCertificatePem() + "\n");
        return new ClusterAuthority(certificate, time);
    }
}
