using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>The certificate of both processes of a side, made for one run, in a directory that only this user can read.</summary>
/// <param name="Directory">The directory with its files.</param>
/// <param name="Certificate">The certificate and its key.</param>
internal sealed record PeerCertificate(string Directory, X509Certificate2 Certificate)
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const string ChainFile = "node.pem";
    private const string KeyFile = "node.key";

    /// <summary>Makes the certificate.</summary>
    public static void Write(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sparkish-peers", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerUse), new Oid(ClientUse)], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(directory, ChainFile), certificate.ExportCertificatePem());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(Path.Combine(directory, KeyFile), options);
        file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    public static PeerCertificate Read(string directory) =>
        new(directory, X509Certificate2.CreateFromPemFile(Path.Combine(directory, ChainFile), Path.Combine(directory, KeyFile)));

    /// <summary>Has a Sparkish node show it and trust it.</summary>
    public SparkConf Set(SparkConf conf) => conf.Set("spark.ssl.rpc.enabled", "true")
        .Set("spark.ssl.rpc.certChain", Path.Combine(Directory, ChainFile)).Set("spark.ssl.rpc.privateKey", Path.Combine(Directory, KeyFile))
        .Set("spark.ssl.rpc.trustStore", Path.Combine(Directory, ChainFile));
}
