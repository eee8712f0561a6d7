namespace Sparkish.Configuration;

/// <summary>The keys of authentication and encryption.</summary>
internal static class SecurityKeys
{
    /// <summary>The environment variable that holds the cluster's secret.</summary>
    public const string SecretVariable = "SPARK_AUTHENTICATE_SECRET";

    public static readonly ConfigEntry<int> MaxHandshakes = ConfigEntry.Int("spark.rpc.io.maxHandshakes", 256,
        "Maximum number of concurrent handshakes. Eight times as many connections may wait for their first byte or for a slot; beyond that, silent ones are closed first.",
            min: 1);

    public static readonly ConfigEntry<int> MaxConnections = ConfigEntry.Int("spark.rpc.io.maxConnections", 4096,
        "Maximum number of open connections of peers that have not proven the node's own secret and have no certificate; one source has at most three quarters. Further ones are refused. A driver's own executors, and nodes of the cluster with its secret, do not count.",
            min: 1);

    public static readonly ConfigEntry<TimeSpan> FirstByteTimeout = ConfigEntry.PositiveDuration("spark.rpc.io.firstByteTimeout", TimeSpan.FromSeconds(5),
        "Time limit for the first byte of an accepted connection; at most spark.rpc.io.connectionTimeout.");

    public static readonly ConfigEntry<string> Secret = ConfigEntry.Text("spark.authenticate.secret", "",
        "Secret of the cluster's nodes, at least 16 bytes. Prefer a file or an environment variable.");

    public static readonly ConfigEntry<string> SecretFile = ConfigEntry.Text("spark.authenticate.secret.file", "",
        "The file that holds the cluster's secret, or a client key; surrounding white space is ignored. During a change it has two lines, the new secret first. It is read again after each write.");

    public static readonly SslKey<bool> Enabled =
        new(name => ConfigEntry.Bool(name, false, "Whether connections use TLS with the given certificates."), "enabled");

    public static readonly SslKey<string> CertificateChain =
        Text("certChain", "The PEM file with this node's certificate, followed by the intermediate certificates up to its CA.");

    public static readonly SslKey<string> PrivateKey = Text("privateKey", "The PEM file with the private key of this node's certificate.");

    public static readonly SslKey<string> PrivateKeyPassword =
        Text("privateKeyPassword", "The password of the private key, if it has one.", "SPARK_SSL_RPC_PRIVATE_KEY_PASSWORD");

    public static readonly SslKey<string> KeyStore = Text("keyStore", "The PKCS#12 file with this node's certificate and private key.");

    public static readonly SslKey<string> KeyStorePassword =
        Text("keyStorePassword", "The password of the key store, if it has one.", "SPARK_SSL_RPC_KEY_STORE_PASSWORD");

    public static readonly SslKey<string> TrustStore =
        Text("trustStore", "The PEM or PKCS#12 file with the CA certificates that peers' certificates must chain to.");

    public static readonly SslKey<string> TrustStorePassword =
        Text("trustStorePassword", "The password of the trust store, if it has one.", "SPARK_SSL_RPC_TRUST_STORE_PASSWORD");

    public static readonly SslKey<string> PrivateKeyPasswordFile =
        Text("privateKeyPassword.file", "The file with the password of the private key; surrounding white space is ignored.");

    public static readonly SslKey<string> KeyStorePasswordFile =
        Text("keyStorePassword.file", "The file with the password of the key store; surrounding white space is ignored.");

    public static readonly SslKey<string> TrustStorePasswordFile =
        Text("trustStorePassword.file", "The file with the password of the trust store; surrounding white space is ignored.");

    public static readonly SslKey<string> Protocol = Text("protocol", "The version of TLS; only TLSv1.3 is supported.");

    public static readonly SslKey<bool> NeedClientAuth =
        new(name => ConfigEntry.Bool(name, true, "Whether connecting peers must present a certificate, too."), "needClientAuth");

    public static readonly SslKey<bool> VerifyHostName =
        new(name => ConfigEntry.Bool(name, true, "Whether the certificate of a node must be valid for the host name or address that was dialled."),
            "verifyHostname");

    private static readonly SslKey<string>[] PasswordKeys = [PrivateKeyPassword, KeyStorePassword, TrustStorePassword];
    private static readonly SslKey<string>[] PasswordFiles = [PrivateKeyPasswordFile, KeyStorePasswordFile, TrustStorePasswordFile];
    private static readonly SslKey<string>[] Files = [CertificateChain, PrivateKey, KeyStore, TrustStore, .. PasswordFiles];

    /// <summary>Whether a key's value is a credential: it must not appear in a log or on a command line, and is never sent.</summary>
    public static bool IsCredential(string key) =>
        key == Secret.Key || Array.Exists(PasswordKeys, password => key == password.Rpc.Key || key == password.General.Key);

    /// <summary>Whether a key names a file of this machine.</summary>
    public static bool IsFile(string key) => key == SecretFile.Key || Array.Exists(Files, file => key == file.Rpc.Key || key == file.General.Key);

    /// <summary>The environment variables that hold credentials.</summary>
    public static IEnumerable<string> CredentialVariables => PasswordKeys.Select(static key => key.Variable!).Prepend(SecretVariable);

    /// <summary>Returns the passwords of a configuration's certificates, by key, for the executors of a worker.</summary>
    public static IReadOnlyDictionary<string, string> Passwords(SparkConf conf, Func<string, string?> environment)
    {
        var passwords = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, file) in PasswordKeys.Zip(PasswordFiles))
        {
            if (file.Find(conf) is not null) continue; // executors of this machine read it themselves
            if ((key.Find(conf)?.Value ?? environment(key.Variable!)) is { } password) passwords[key.Rpc.Key] = password;
        }

        return passwords;
    }

    private static SslKey<string> Text(string name, string doc, string? variable = null) => new(key => ConfigEntry.Text(key, "", doc), name, variable);
}

/// <summary>A setting of TLS: <c>spark.ssl.rpc.X</c>, with <c>spark.ssl.X</c> as its fallback.</summary>
/// <typeparam name="T">The type of a checked value.</typeparam>
internal sealed class SslKey<T>(Func<string, ConfigEntry<T>> declare, string name, string? variable = null)
{
    public ConfigEntry<T> Rpc { get; } = declare("spark.ssl.rpc." + name);

    public ConfigEntry<T> General { get; } = declare("spark.ssl." + name);

    /// <summary>The environment variable that replaces the key, for credentials.</summary>
    public string? Variable { get; } = variable;

    /// <summary>Returns the value and its key; null if neither key is set.</summary>
    public (string Key, T Value)? Find(SparkConf conf)
    {
        if (conf.Contains(Rpc.Key)) return (Rpc.Key, conf.Get(Rpc));
        return conf.Contains(General.Key) ? (General.Key, conf.Get(General)) : null;
    }

    public T Get(SparkConf conf) => Find(conf) is { } found ? found.Value : Rpc.Default;
}
