using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;

namespace Sparkish.Security;

/// <summary>
/// How an env proves itself to its peers and has them prove themselves, as its settings say: by the cluster's secret (<c>spark.authenticate.*</c>), by
/// certificates (<c>spark.ssl.*</c>), by both or by neither. Made once at the start of an env. Safe for all threads.
/// </summary>
public sealed class SecurityManager : IDisposable
{
    private SecurityManager(ClusterSecret? secret, TlsIdentity? tls) => (Secret, Tls) = (secret, tls);

    /// <summary>What both sides of a connection prove to know; null where <c>spark.authenticate</c> is off.</summary>
    internal ClusterSecret? Secret { get; }

    /// <summary>Whether both sides of a connection prove that they know the cluster's secret. The secret itself stays here.</summary>
    public bool HasSecret => Secret is not null;

    /// <summary>How TLS is spoken; null where it is not. Always there when there is a secret.</summary>
    public TlsIdentity? Tls { get; }

    /// <summary>Whether whoever connects must prove who it is before anything that it sends is read.</summary>
    public bool IsProtected => Secret is not null || Tls is { NeedsClientCertificate: true };

    /// <summary>Whether whoever is dialled must prove who it is.</summary>
    public bool ProvesServer => Secret is not null || Tls is { ChecksCertificates: true };

    /// <summary>Of an env that has no peers.</summary>
    public static SecurityManager None() => new(null, null);

    /// <summary>Reads the settings, and the files that they name.</summary>
    /// <param name="conf">The settings.</param>
    /// <param name="log">Takes warnings about settings that work but should be changed.</param>
    /// <param name="environment">Looks environment variables up; those of this process unless given.</param>
    /// <exception cref="SparkException">A setting is wrong or something that it names cannot be read.</exception>
    public static SecurityManager From(SparkConf conf, ILogger log, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(log);
        environment ??= Environment.GetEnvironmentVariable;
        var secret = FindSecret(conf, log, environment);
        var certificates = SecurityKeys.Enabled.Get(conf) ? CertificateFiles.Load(conf, log, environment) : null;
        if (certificates is not null) return new SecurityManager(secret, certificates);
        if (secret is not null) return new SecurityManager(secret, TlsIdentity.Ephemeral());
        if (SecurityKeys.Enabled.Find(conf) is not { Value: true } enabled) return None();
        throw new SparkException(
            $"{enabled.Key} is 'true' but there is no certificate: set spark.ssl.rpc.certChain, spark.ssl.rpc.privateKey and spark.ssl.rpc.trustStore, or spark.authenticate.secret.file to do without certificates.");
    }

    /// <summary>Refuses to listen beyond this machine without authentication, unless <c>spark.authenticate</c> says explicitly that it is off.</summary>
    /// <param name="service">The name of the env, for the error.</param>
    /// <param name="host">The address to bind to, as it was given.</param>
    /// <param name="address">The same, resolved.</param>
    /// <param name="conf">The settings.</param>
    /// <exception cref="SparkException">The address is beyond loopback and nothing protects the env.</exception>
    public void CheckExposure(string service, string host, IPAddress address, SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(conf);
        if (IPAddress.IsLoopback(address) || IsProtected || conf.Contains(CoreKeys.Authenticate.Key)) return;
        throw new SparkException(
            $"Service '{service}' would listen on {host}, beyond this machine, without authentication: anyone who reaches it could run code. Bind to 127.0.0.1, or give all nodes a secret (spark.authenticate.secret.file) or certificates (spark.ssl.rpc.*), or set spark.authenticate to 'false' to accept that.");
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose() => Tls?.Dispose();

    private static ClusterSecret? FindSecret(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        // A secret that is given is meant to be used, unless somebody says in so many words that it is not.
        var asked = conf.Contains(CoreKeys.Authenticate.Key) ? conf.Get(CoreKeys.Authenticate) : (bool?)null;
        if (Source(conf, environment) is not { } source)
        {
            return asked is true
                ? throw new SparkException(
                    $"spark.authenticate is 'true' but there is no secret: set spark.authenticate.secret.file to a file that holds one, such as 'openssl rand -base64 32' writes, or the environment variable {SecurityKeys.SecretVariable}.")
                : null;
        }

        if (asked is false)
        {
            log.SecretNotUsed(source);
            return null;
        }

        var text = source == SecurityKeys.SecretFile.Key ? ReadFile(conf.Get(SecurityKeys.SecretFile), log)
            : source == SecurityKeys.Secret.Key ? conf.Get(SecurityKeys.Secret)
            : environment(source)!;
        var bytes = Encoding.UTF8.GetBytes(text.Trim());
        if (bytes.Length >= ClusterSecret.MinBytes) return new ClusterSecret(bytes);
        var found = bytes.Length == 0 ? "is empty" : $"has {bytes.Length} bytes";
        throw new SparkException(
            $"The secret that {source} gives {found} but must have at least {ClusterSecret.MinBytes} that nobody can guess: take what 'openssl rand -base64 32' writes.");
    }

    private static string? Source(SparkConf conf, Func<string, string?> environment)
    {
        if (conf.Contains(SecurityKeys.Secret.Key) && conf.Contains(SecurityKeys.SecretFile.Key))
            throw new SparkException(
                $"Both {SecurityKeys.Secret.Key} and {SecurityKeys.SecretFile.Key} are set: keep the latter, for the former is easily seen by others.");
        if (conf.Contains(SecurityKeys.Secret.Key)) return SecurityKeys.Secret.Key;
        if (conf.Contains(SecurityKeys.SecretFile.Key)) return SecurityKeys.SecretFile.Key;
        return environment(SecurityKeys.SecretVariable) is null ? null : SecurityKeys.SecretVariable;
    }

    private static string ReadFile(string file, ILogger log) =>
        Encoding.UTF8.GetString(SecurityFile.Read(SecurityKeys.SecretFile.Key, file, log, isPrivate: true));
}
