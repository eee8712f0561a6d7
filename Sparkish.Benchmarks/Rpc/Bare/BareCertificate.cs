using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>The certificate of the bare <see cref="System.Net.Security.SslStream"/> baseline, made for one run; the client knows it by its hash.</summary>
internal static class BareCertificate
{
    public static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public static string HashOf(X509Certificate certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
