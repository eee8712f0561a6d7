using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Tests.Security;

/// <summary>A certificate authority of a test, which writes what it issues into a directory.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory;
    private readonly X509Certificate2 _certificate;
    private int _serial;

    public TestAuthority(string directory, string name = "Test CA")
    {
        _directory = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        _certificate = request.CreateSelfSigned(Start, Start.AddYears(70));
        File.WriteAllText(PathOf("ca.pem"), _certificate.ExportCertificatePem());
        File.WriteAllBytes(PathOf("ca.p12"), new X509Certificate2Collection(X509CertificateLoader.LoadCertificate(_certificate.RawData))
            .Export(X509ContentType.Pkcs12, "trusted")!);
    }

    /// <summary>The CA's certificate as PEM, and as PKCS#12 with the password 'trusted'.</summary>
    public string Pem => PathOf("ca.pem");

    public string Store => PathOf("ca.p12");

    /// <summary>Issues a certificate with its private key.</summary>
    public X509Certificate2 Issue(string name, string host = "127.0.0.1", bool expired = false, params string[] roles)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(host);
        foreach (var role in roles) names.AddUri(new Uri($"urn:sparkish:role:{role}"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        using var issued = request.Create(_certificate, Start, expired ? Start.AddYears(1) : Start.AddYears(60), BitConverter.GetBytes(++_serial));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>The settings of a node with a certificate of this CA, in PEM files.</summary>
    public SparkConf Node(string name, string host = "127.0.0.1", bool expired = false, string? keyPassword = null, params string[] roles)
    {
        using var certificate = Issue(name, host, expired, roles);
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(name + ".pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf(name + ".key"), keyPassword is null ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(keyPassword, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(PathOf(name + ".key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new SparkConf(false).Set("spark.ssl.rpc.enabled", "true").Set("spark.ssl.rpc.trustStore", Pem)
            .Set("spark.ssl.rpc.certChain", PathOf(name + ".pem")).Set("spark.ssl.rpc.privateKey", PathOf(name + ".key"));
    }

    /// <summary>The settings of a node with a certificate of this CA, in PKCS#12 files.</summary>
    public SparkConf NodeWithStores(string name, string password)
    {
        using var certificate = Issue(name);
        File.WriteAllBytes(PathOf(name + ".p12"), certificate.Export(X509ContentType.Pkcs12, password));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(PathOf(name + ".p12"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new SparkConf(false).Set("spark.ssl.enabled", "true").Set("spark.ssl.trustStore", Store).Set("spark.ssl.trustStorePassword", "trusted")
            .Set("spark.ssl.keyStore", PathOf(name + ".p12")).Set("spark.ssl.keyStorePassword", password);
    }

    /// <summary>The path of a file that this CA wrote.</summary>
    public string PathOf(string name) => Path.Combine(_directory, name);

    public void Dispose() => _certificate.Dispose();
}
