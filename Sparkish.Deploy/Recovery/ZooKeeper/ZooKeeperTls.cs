using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>TLS between this client and the servers' <c>secureClientPort</c>: its trusted authorities and its own certificate.</summary>
public sealed class ZooKeeperTls
{
    internal const string TrustedKey = "spark.deploy.zookeeper.ssl.trustedCertificates";
    internal const string CertificateKey = "spark.deploy.zookeeper.ssl.certificate";
    internal const string PrivateKeyKey = "spark.deploy.zookeeper.ssl.privateKey";

    private readonly X509Certificate2Collection? _trusted;
    private readonly X509Certificate2? _own;

    private ZooKeeperTls(X509Certificate2Collection? trusted, X509Certificate2? own) => (_trusted, _own) = (trusted, own);

    /// <summary>Reads the files once.</summary>
    /// <param name="trustedCertificates">A PEM file of the authorities of the servers' certificates; empty for those of the system.</param>
    /// <param name="certificate">A PEM file of this client's certificate, which servers require unless <c>ssl.clientAuth</c> is off; empty for none.</param>
    /// <param name="privateKey">A PEM file of its private key.</param>
    /// <exception cref="SparkException">A file cannot be read, or is invalid.</exception>
    public static ZooKeeperTls From(string trustedCertificates, string certificate, string privateKey)
    {
        ArgumentNullException.ThrowIfNull(trustedCertificates);
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(privateKey);
        if (certificate.Length > 0 != privateKey.Length > 0)
        {
            throw new SparkException(
                $"{CertificateKey} and {PrivateKeyKey} belong together: set both, or neither.");
        }

        return new ZooKeeperTls(
            trustedCertificates.Length > 0 ? Read(TrustedKey, trustedCertificates, ReadAll) : null,
            certificate.Length > 0 ? Read(CertificateKey, certificate, file => ReadOwn(file, privateKey)) : null);
    }

    internal SslClientAuthenticationOptions OptionsFor(string host)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = _own is null ? null : [_own],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (_trusted is null) return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_trusted);
        return options;
    }

    private static X509Certificate2Collection ReadAll(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
    }

    // Exported once, since Windows accepts no key for TLS that exists in memory only.
    private static X509Certificate2 ReadOwn(string file, string privateKey)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(file, privateKey);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    private static T Read<T>(string key, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"{key} is '{file}', which cannot be used: {e.Message.TrimEnd('.')}. Give PEM files that this process may read.", e);
        }
    }
}
