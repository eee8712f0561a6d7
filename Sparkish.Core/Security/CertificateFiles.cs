using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;

namespace Sparkish.Security;

/// <summary>Creates a <see cref="TlsIdentity"/> from the files in <c>spark.ssl.*</c>: PEM or PKCS#12.</summary>
internal static class CertificateFiles
{
    private const string TlsVersion = "TLSv1.3";

    /// <summary>Loads this node's certificate and its trusted CAs; null if no file is set.</summary>
    /// <exception cref="SparkException">A file is missing, unreadable or invalid; the message names its key and the file.</exception>
    public static TlsIdentity? Load(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        if (SecurityKeys.Protocol.Find(conf) is { } protocol && !string.Equals(protocol.Value, TlsVersion, StringComparison.OrdinalIgnoreCase))
            throw new SparkException($"{protocol.Key} is '{protocol.Value}' but must be '{TlsVersion}', the only supported version of TLS.");
        var (chainFile, store) = (SecurityKeys.CertificateChain.Find(conf), SecurityKeys.KeyStore.Find(conf));
        if (chainFile is null && store is null) return null;
        if (chainFile is not null && store is not null)
            throw new SparkException($"Both {chainFile.Value.Key} and {store.Value.Key} are set: keep the one that names this node's certificate.");

        var roots = LoadRoots(conf, log, environment);
        var all = store is { } found
            ? LoadStore(found.Key, found.Value, log, PasswordOf(SecurityKeys.KeyStorePassword, SecurityKeys.KeyStorePasswordFile, conf, environment, log))
            : LoadPem(conf, log, environment);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new SparkException(
                $"{store!.Value.Key} is '{store.Value.Value}', which holds no private key: name the file that the certificate was exported to together with its key.");
        all.Remove(own);
        WarnOfDates(own, (chainFile ?? store)!.Value, log);
        return new TlsIdentity(ForTls(own), all, roots)
        {
            NeedsClientCertificate = SecurityKeys.NeedClientAuth.Get(conf),
            VerifiesHostName = SecurityKeys.VerifyHostName.Get(conf),
        };
    }

    /// <summary>On Windows TLS accepts only keys in the system's store, unlike those read from PEM or just created.</summary>
    internal static X509Certificate2 ForTls(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>Peers judge the dates by their own clocks. A node with a certificate outside its dates therefore starts, with a warning.</summary>
    private static void WarnOfDates(X509Certificate2 own, (string Key, string File) source, ILogger log)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (new DateTimeOffset(own.NotBefore), new DateTimeOffset(own.NotAfter));
        if (now < from || now > to) log.CertificateOutsideItsDates(source.Key, source.File, from, to);
    }

    private static X509Certificate2Collection LoadPem(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        var (chainKey, chainFile) = SecurityKeys.CertificateChain.Find(conf)!.Value;
        if (SecurityKeys.PrivateKey.Find(conf) is not var (keyKey, keyFile))
            throw new SparkException($"{chainKey} is set but {SecurityKeys.PrivateKey.Rpc.Key} is not: name the PEM file with the certificate's private key.");
        var chain = ReadPem(chainKey, chainFile, SecurityFile.Read(chainKey, chainFile, log, isPrivate: false));
        var key = Encoding.UTF8.GetString(SecurityFile.Read(keyKey, keyFile, log, isPrivate: true));
        var password = PasswordOf(SecurityKeys.PrivateKeyPassword, SecurityKeys.PrivateKeyPasswordFile, conf, environment, log);
        try
        {
            var own = password is null
                ? X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key)
                : X509Certificate2.CreateFromEncryptedPem(chain[0].ExportCertificatePem(), key, password);
            chain[0].Dispose();
            chain[0] = own;
            return chain;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            var advice = password is null
                ? $"is it encrypted? Then set {SecurityKeys.PrivateKeyPassword.Rpc.Key}."
                : $"is {SecurityKeys.PrivateKeyPassword.Rpc.Key} right?";
            throw new SparkException(
                $"{keyKey} is '{keyFile}', which is not the private key of the certificate in '{chainFile}', or cannot be read ({error.Message.TrimEnd('.')}): {advice}", error);
        }
    }

    private static X509Certificate2Collection? LoadRoots(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        if (SecurityKeys.TrustStore.Find(conf) is not var (key, file))
            throw new SparkException(
                $"{SecurityKeys.TrustStore.Rpc.Key} is not set: name the PEM or PKCS#12 file with the CA certificates that peers' certificates must chain to.");
        var bytes = SecurityFile.Read(key, file, log, isPrivate: false);
        return bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0
            ? ReadPem(key, file, bytes)
            : ReadStore(key, file, bytes, PasswordOf(SecurityKeys.TrustStorePassword, SecurityKeys.TrustStorePasswordFile, conf, environment, log),
                SecurityKeys.TrustStorePassword);
    }

    private static X509Certificate2Collection LoadStore(string key, string file, ILogger log, string? password) =>
        ReadStore(key, file, SecurityFile.Read(key, file, log, isPrivate: true), password, SecurityKeys.KeyStorePassword);

    private static X509Certificate2Collection ReadPem(string key, string file, byte[] bytes)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(bytes));
        }
        catch (CryptographicException error)
        {
            throw new SparkException(
                $"{key} is '{file}', in which a certificate cannot be read ({error.Message.TrimEnd('.')}): name a file of PEM certificates.", error);
        }

        return certificates.Count > 0
            ? certificates
            : throw new SparkException($"{key} is '{file}', in which there is no certificate: name a file of PEM certificates.");
    }

    private static X509Certificate2Collection ReadStore(string key, string file, byte[] bytes, string? password, SslKey<string> passwordKey)
    {
        try
        {
            var certificates = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
            return certificates.Count > 0 ? certificates : throw new SparkException($"{key} is '{file}', in which there is no certificate.");
        }
        catch (CryptographicException error)
        {
            throw new SparkException(
                $"{key} is '{file}', which cannot be read as PKCS#12 ({error.Message.TrimEnd('.')}): check {passwordKey.Rpc.Key}; a Java key store (JKS) is converted by 'keytool -importkeystore -deststoretype pkcs12'.", error);
        }
    }

    private static string? PasswordOf(SslKey<string> key, SslKey<string> file, SparkConf conf, Func<string, string?> environment, ILogger log) =>
        Password.Find(key.Find(conf), file.Find(conf), key.Variable!, environment, log);
}
