using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Sparkish.Configuration;

namespace Sparkish.Security;

/// <summary>
/// The authentication of an env and of its peers. Settings enable a secret (<c>spark.authenticate.*</c>), certificates (<c>spark.ssl.*</c>), both or neither.
/// Secrets of applications are not in settings. Created once at the start of an env. Thread-safe.
/// </summary>
public sealed class SecurityManager : IDisposable
{
    private readonly SecretSource? _secret;
    private readonly Keyring _keyring;

    private SecurityManager(SecretSource? secret, TlsIdentity? tls, Keyring keyring) => (_secret, Tls, _keyring) = (secret, tls, keyring);

    /// <summary>Whether both sides of a connection prove that they know the configured secret. The secret itself is never sent.</summary>
    public bool HasSecret => _secret is not null;

    /// <summary>The TLS identity; null without TLS. Always set if the settings give a secret.</summary>
    public TlsIdentity? Tls { get; }

    /// <summary>Whether a connecting peer must authenticate before its messages are read, over an encrypted channel.</summary>
    public bool IsProtected => _secret is not null || Tls is { NeedsClientCertificate: true } || (Tls is not null && _keyring.AdmitsApplicationsOnly);

    /// <summary>Whether a dialled peer must authenticate.</summary>
    public bool ProvesServer => Usual.Proves || Tls is { ChecksCertificates: true };

    /// <summary>The default credential: the configured secret, or the one that this process generated.</summary>
    internal Credential Usual => _secret?.Current ?? _keyring.Automatic ?? Credential.None;

    /// <summary>The security of an env without peers.</summary>
    public static SecurityManager None() => new(null, null, new Keyring());

    /// <summary>Returns the credential for a dialled peer.</summary>
    /// <param name="peer">The address, as <c>host:port</c>.</param>
    internal Credential ToProve(string peer) => _keyring.ForPeer(peer) ?? Usual;

    /// <summary>Whether an address, as <c>host:port</c>, is that of a master of the cluster.</summary>
    internal bool IsMaster(string address) => _keyring.IsMaster(address);

    /// <summary>Completes when the accepted peers are known.</summary>
    internal Task WhenReadyAsync(CancellationToken cancellationToken) => _keyring.WhenReadyAsync(cancellationToken);

    /// <summary>Returns the credential for a connecting peer, which both sides must prove; or the reason to refuse it regardless of its proof.</summary>
    /// <param name="realm">The realm that the peer names.</param>
    internal (Credential? Credential, string? Refusal) ToAccept(string realm)
    {
        if (Realms.IsApplication(realm))
        {
            return _keyring.Find(realm) is { } application
                ? (application, null)
                : (null, $"the listening node does not belong to application '{realm[Realms.OfApplication("").Length..]}'");
        }

        if (_keyring.AdmitsApplicationsOnly)
            return (null, "the listening node belongs to an application and accepts only its executors, which prove the secret that the master created for it");
        var usual = Usual;
        return realm switch
        {
            _ when !Realms.IsClient(realm) && !Realms.IsOfNodes(realm) => (null, $"the connecting node names the unknown realm '{realm}'"),
            Realms.Cluster or Realms.None when !Realms.IsClient(usual.Realm) => (usual, null),
            Realms.Cluster or Realms.None => (null, "the listening node has a client key, so it accepts no connections"),
            _ when _keyring.AdmitsClients && usual.Realm == Realms.Cluster =>
                (new Credential(realm, [.. usual.Secrets.Select(secret => secret.ToClientSecret(realm))]), null),
            _ when _keyring.AdmitsClients && usual.Realm == Realms.None => (usual, null), // the handshake reports which side lacks a secret
            _ => (null, "a client key authenticates drivers to masters: no other node accepts it"),
        };
    }

    /// <summary>Whether a peer is trusted: a node of the cluster, or of the application that the env belongs to. Limits apply to all others.</summary>
    /// <param name="isAuthenticated">Whether the peer has proven a secret or a certificate.</param>
    /// <param name="realm">The realm of the proven secret.</param>
    internal bool Trusts(bool isAuthenticated, string realm) =>
        isAuthenticated && (Realms.IsOfNodes(realm) || (_keyring.AdmitsApplicationsOnly && Realms.IsApplication(realm)));

    /// <summary>Whether a secret is configured and enabled.</summary>
    internal static bool HasSecretIn(SparkConf conf) =>
        (!conf.Contains(CoreKeys.Authenticate.Key) || conf.Get(CoreKeys.Authenticate)) && Source(conf, Environment.GetEnvironmentVariable) is not null;

    /// <summary>Reads the settings, and the files that they name.</summary>
    /// <param name="conf">The settings.</param>
    /// <param name="log">Receives warnings about settings that work but should be changed.</param>
    /// <param name="environment">Looks up environment variables; those of this process unless given.</param>
    /// <exception cref="SparkException">A setting is wrong or something that it names cannot be read.</exception>
    public static SecurityManager From(SparkConf conf, ILogger log, Func<string, string?>? environment = null) =>
        From(conf, log, new Keyring(), environment);

    /// <summary>Reads the settings, and uses the other secrets of a keyring.</summary>
    internal static SecurityManager From(SparkConf conf, ILogger log, Keyring keyring, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(log);
        environment ??= Environment.GetEnvironmentVariable;
        var secret = FindSecret(conf, log, environment);
        var certificates = SecurityKeys.Enabled.Get(conf) ? CertificateFiles.Load(conf, log, environment) : null;
        if (certificates is not null) return new SecurityManager(secret, certificates, keyring);
        if (secret is not null || keyring.Encrypts) return new SecurityManager(secret, TlsIdentity.Ephemeral(), keyring);
        if (SecurityKeys.Enabled.Find(conf) is not { Value: true } enabled) return new SecurityManager(null, null, keyring);
        throw new SparkException(
            $"{enabled.Key} is 'true' but there is no certificate: set spark.ssl.rpc.certChain, spark.ssl.rpc.privateKey and spark.ssl.rpc.trustStore, or spark.authenticate.secret.file to do without certificates.");
    }

    /// <summary>Refuses to listen beyond this machine without authentication, unless <c>spark.authenticate</c> explicitly disables it.</summary>
    /// <param name="service">The name of the env, for the error.</param>
    /// <param name="host">The address to bind to, as configured.</param>
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

    private static SecretSource? FindSecret(SparkConf conf, ILogger log, Func<string, string?> environment)
    {
        // A configured secret is meant to be used, unless it is explicitly disabled.
        var asked = conf.Contains(CoreKeys.Authenticate.Key) ? conf.Get(CoreKeys.Authenticate) : (bool?)null;
        if (Source(conf, environment) is not { } source)
        {
            return asked is true
                ? throw new SparkException(
                    $"spark.authenticate is 'true' but there is no secret: set spark.authenticate.secret.file to a file that holds the output of 'openssl rand -base64 32', or the environment variable {SecurityKeys.SecretVariable}.")
                : null;
        }

        if (asked is false)
        {
            log.SecretNotUsed(source);
            return null;
        }

        if (source == SecurityKeys.Secret.Key) return new SecretSource(source, conf.Get(SecurityKeys.Secret), log);
        if (source != SecurityKeys.SecretFile.Key) return new SecretSource(source, environment(source)!, log);
        var file = conf.Get(SecurityKeys.SecretFile);
        return new SecretSource(source, ReadFile(file, log), log, file, () => ReadFile(file, log));
    }

    private static string? Source(SparkConf conf, Func<string, string?> environment)
    {
        if (conf.Contains(SecurityKeys.Secret.Key) && conf.Contains(SecurityKeys.SecretFile.Key))
            throw new SparkException(
                $"Both {SecurityKeys.Secret.Key} and {SecurityKeys.SecretFile.Key} are set: keep the latter, since others can easily see the former.");
        if (conf.Contains(SecurityKeys.Secret.Key)) return SecurityKeys.Secret.Key;
        if (conf.Contains(SecurityKeys.SecretFile.Key)) return SecurityKeys.SecretFile.Key;
        return environment(SecurityKeys.SecretVariable) is null ? null : SecurityKeys.SecretVariable;
    }

    private static string ReadFile(string file, ILogger log) =>
        Encoding.UTF8.GetString(SecurityFile.Read(SecurityKeys.SecretFile.Key, file, log, isPrivate: true));
}
