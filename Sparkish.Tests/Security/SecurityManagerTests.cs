using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Configuration;
using Sparkish.Security;

namespace Sparkish.Tests.Security;

internal sealed class SecurityManagerTests
{
    private const string Secret = "correct horse battery staple";

    [TestCase("spark.authenticate", "true", "spark.authenticate is 'true' but there is no secret")]
    [TestCase("spark.authenticate.secret", "", "The secret from spark.authenticate.secret is empty but must have at least 16")]
    [TestCase("spark.authenticate.secret", "0123456789abcde", "The secret from spark.authenticate.secret has 15 bytes but must have at least 16")]
    [TestCase("spark.authenticate.secret.file", "/no/such/file", "spark.authenticate.secret.file is '/no/such/file', which does not exist")]
    [TestCase("spark.authenticate.secret.file", "/", "spark.authenticate.secret.file is '/', which cannot be read")]
    [TestCase("spark.ssl.enabled", "true", "spark.ssl.enabled is 'true' but there is no certificate")]
    [TestCase("spark.ssl.rpc.enabled", "yes", "spark.ssl.rpc.enabled is 'yes' but must be 'true' or 'false'")]
    public void A_wrong_setting_is_one_clear_error(string key, string value, string expected)
    {
        Assert.That(() => Make(new SparkConf(false).Set(key, value)), Throws.InstanceOf<SparkException>().With.Message.StartsWith(expected));
    }

    [Test]
    public void A_secret_comes_from_the_settings_a_file_or_the_environment()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", $"  {Secret}\n");

        using var set = Make(new SparkConf(false).Set("spark.authenticate.secret", Secret));
        using var read = Make(new SparkConf(false).Set("spark.authenticate.secret.file", file));
        using var inherited = Make(new SparkConf(false), Secret);

        var proofs = new[] { set, read, inherited }.Select(manager => Convert.ToHexString(manager.Usual.Secrets[0].Prove(ProofSide.Client, 2, "x"u8))).ToList();
        Assert.That(proofs, Is.All.EqualTo(proofs[0]));
        Assert.That(new[] { set, read, inherited }.Select(manager => manager.Tls), Has.None.Null);
    }

    [Test]
    public void Two_places_for_one_secret_are_one_too_many()
    {
        var conf = new SparkConf(false).Set("spark.authenticate.secret", Secret).Set("spark.authenticate.secret.file", "f");

        Assert.That(() => Make(conf), Throws.InstanceOf<SparkException>()
            .With.Message.StartsWith("Both spark.authenticate.secret and spark.authenticate.secret.file are set"));
    }

    [Test]
    public void A_secret_switches_authentication_on_unless_the_settings_say_no()
    {
        using var log = new RecordedLog();

        using var on = Make(new SparkConf(false).Set("spark.authenticate.secret", Secret));
        using var off = SecurityManager.From(new SparkConf(false).Set("spark.authenticate", "false").Set("spark.authenticate.secret", Secret), log, _ => null);
        using var none = Make(new SparkConf(false));

        Assert.That((on.IsProtected, off.IsProtected, none.IsProtected), Is.EqualTo((true, false, false)));
        Assert.That(log.Lines.Single(), Does.StartWith("Ignored the secret of spark.authenticate.secret: spark.authenticate is false"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has other rights for files.")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_secret_that_others_can_read_is_warned_of()
    {
        using var directory = new TemporaryDirectory();
        using var log = new RecordedLog();
        var conf = new SparkConf(false).Set("spark.authenticate.secret.file", directory.Write("secret", Secret));

        File.SetUnixFileMode(directory.File("secret"), UnixFileMode.UserRead);
        using var closed = SecurityManager.From(conf, log, _ => null);
        var silent = log.Lines.IsEmpty;
        File.SetUnixFileMode(directory.File("secret"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        using var open = SecurityManager.From(conf, log, _ => null);

        Assert.That(silent);
        Assert.That(log.Lines.Single(),
            Does.StartWith($"spark.authenticate.secret.file names {directory.File("secret")}, which other users of this machine can read"));
    }

    [Test]
    public void A_bad_certificate_file_is_an_error_that_names_key_and_file()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        using var others = new TestAuthority(directory.Path, "Other CA");
        var garbage = directory.Write("garbage", "no certificate at all");
        var broken = directory.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        others.Node("b");
        SparkConf Pem() => authority.Node("a");
        SparkConf Store() => authority.NodeWithStores("a", "open sesame");
        (SparkConf Conf, string Expected)[] cases =
        [
            (Pem().Set("spark.ssl.rpc.certChain", "/no/such.pem"), "spark.ssl.rpc.certChain is '/no/such.pem', which does not exist"),
            (Pem().Set("spark.ssl.rpc.certChain", garbage), $"spark.ssl.rpc.certChain is '{garbage}', in which there is no certificate"),
            (Pem().Set("spark.ssl.rpc.certChain", broken), $"spark.ssl.rpc.certChain is '{broken}', in which a certificate cannot be read"),
            (Pem().Remove("spark.ssl.rpc.privateKey"), "spark.ssl.rpc.certChain is set but spark.ssl.rpc.privateKey is not"),
            (Pem().Set("spark.ssl.rpc.privateKey", others.PathOf("b.key")),
                $"spark.ssl.rpc.privateKey is '{others.PathOf("b.key")}', which is not the private key"),
            (Pem().Set("spark.ssl.rpc.privateKey", garbage), $"spark.ssl.rpc.privateKey is '{garbage}', which is not the private key"),
            (Pem().Remove("spark.ssl.rpc.trustStore"), "spark.ssl.rpc.trustStore is not set"),
            (Pem().Set("spark.ssl.rpc.trustStore", garbage), $"spark.ssl.rpc.trustStore is '{garbage}', which cannot be read as PKCS#12"),
            (Pem().Set("spark.ssl.protocol", "TLSv1.2"), "spark.ssl.protocol is 'TLSv1.2' but must be 'TLSv1.3'"),
            (Pem().Set("spark.ssl.keyStore", "x"), "Both spark.ssl.rpc.certChain and spark.ssl.keyStore are set"),
            (Store().Set("spark.ssl.keyStorePassword", "wrong"), $"spark.ssl.keyStore is '{authority.PathOf("a.p12")}', which cannot be read as PKCS#12"),
            (Store().Set("spark.ssl.keyStore", authority.Store)
                .Set("spark.ssl.keyStorePassword", "trusted"), $"spark.ssl.keyStore is '{authority.Store}', which holds no private key"),
            (Store().Set("spark.ssl.trustStorePassword", "wrong"), $"spark.ssl.trustStore is '{authority.Store}', which cannot be read as PKCS#12"),
        ];

        using (Assert.EnterMultipleScope())
        {
            foreach (var (conf, expected) in cases)
                Assert.That(() => Make(conf), Throws.InstanceOf<SparkException>().With.Message.StartsWith(expected).And.Message.Not.Contain("open sesame"));
        }
    }

    [Test]
    public void A_private_key_may_have_a_password_which_the_environment_may_give()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        var conf = authority.Node("a", keyPassword: "open sesame");

        using var given = Make(conf.Clone().Set("spark.ssl.privateKeyPassword", "open sesame"));
        using var inherited = SecurityManager.From(conf, NullLogger.Instance, name => name == "SPARK_SSL_RPC_PRIVATE_KEY_PASSWORD" ? "open sesame" : null);

        Assert.That((given.Tls, inherited.Tls), Is.Not.EqualTo(((object?)null, (object?)null)));
        Assert.That(() => Make(conf), Throws.InstanceOf<SparkException>().With.Message.EndsWith("is it encrypted? Then set spark.ssl.rpc.privateKeyPassword."));
        Assert.That(() => Make(conf.Set("spark.ssl.rpc.privateKeyPassword", "wrong")), Throws.InstanceOf<SparkException>()
            .With.Message.EndsWith("is spark.ssl.rpc.privateKeyPassword right?"));
    }

    [TestCase("spark.authenticate.secret", true)]
    [TestCase("spark.ssl.keyStorePassword", true)]
    [TestCase("my.api.token", true)]
    [TestCase("my.access.key", true)]
    [TestCase("spark.deploy.zookeeper.credentials", true)]
    [TestCase("spark.deploy.zookeeper.credentials.file", false)]
    [TestCase("spark.authenticate.secret.file", false)]
    [TestCase("spark.authenticate", false)]
    [TestCase("spark.app.name", false)]
    public void What_opens_something_is_not_shown(string key, bool isSensitive)
    {
        Assert.That(Redaction.Default.Redact(key, "value"), Is.EqualTo(isSensitive ? Redaction.Replacement : "value"));
    }

    [Test]
    public void A_proof_holds_for_its_side_version_and_transcript_only()
    {
        var secret = new SharedSecret("0123456789abcdef"u8);
        var proof = secret.Prove(ProofSide.Client, 2, "transcript"u8);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(secret.Verify(ProofSide.Client, 2, "transcript"u8, proof), Is.True);
            Assert.That(secret.Verify(ProofSide.Server, 2, "transcript"u8, proof), Is.False);
            Assert.That(secret.Verify(ProofSide.Client, 3, "transcript"u8, proof), Is.False);
            Assert.That(secret.Verify(ProofSide.Client, 2, "transcripT"u8, proof), Is.False);
            Assert.That(secret.Verify(ProofSide.Client, 2, "transcript"u8, proof.AsSpan(1)), Is.False);
            Assert.That(new SharedSecret("0123456789abcdeg"u8).Verify(ProofSide.Client, 2, "transcript"u8, proof), Is.False);
            Assert.That($"{secret}", Does.Not.Contain("0123"));
        }
    }

    private static SecurityManager Make(SparkConf conf, string? inEnvironment = null) =>
        SecurityManager.From(conf, NullLogger.Instance, name => name == "SPARK_AUTHENTICATE_SECRET" ? inEnvironment : null);
}
