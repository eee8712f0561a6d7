using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Configuration;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Worker;
using Sparkish.Executor;
using Sparkish.Security;

namespace Sparkish.Tests.Security;

/// <summary>Passwords have forms that other users cannot read, and go nowhere else.</summary>
internal sealed class PasswordTests
{
    private const string Url = "Host=db;Database=d;Username=u";

    [Test]
    public void A_password_comes_from_its_key_its_file_or_the_environment()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("password", " from file \n");

        Assert.That(Find(value: "given"), Is.EqualTo("given"));
        Assert.That(Find(file: file), Is.EqualTo("from file"));
        Assert.That(Find(), Is.EqualTo("of VARIABLE"));
        Assert.That(() => Find("given", file), Throws.InstanceOf<SparkException>().With.Message.EqualTo(
            "Both a.password and a.password.file are set: keep the latter, since others can easily see the former."));
        Assert.That(() => Find(file: directory.Write("empty", "\n")), Throws.InstanceOf<SparkException>().With.Message.Contain("which is empty"));
    }

    [Test]
    public void The_password_of_a_private_key_may_stand_in_a_file()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        var conf = authority.Node("a", keyPassword: "open sesame").Set("spark.ssl.privateKeyPassword.file", directory.Write("password", "open sesame\n"));

        using var security = SecurityManager.From(conf, NullLogger.Instance, static _ => null);

        Assert.That(security.Tls, Is.Not.Null);
    }

    [Test]
    public void The_password_for_PostgreSQL_may_stand_in_a_key_or_a_file()
    {
        using var directory = new TemporaryDirectory();
        var byKey = new SparkConf(false).Set("spark.deploy.postgresql.password", "pass;word");
        var byFile = new SparkConf(false).Set("spark.deploy.postgresql.password.file", directory.Write("password", "p'w\"d"));

        Assert.That(new NpgsqlConnectionStringBuilder(RecoveryMode.PostgreSqlConnectionOf(Url, byKey)).Password, Is.EqualTo("pass;word"));
        Assert.That(new NpgsqlConnectionStringBuilder(RecoveryMode.PostgreSqlConnectionOf(Url, byFile)).Password, Is.EqualTo("p'w\"d"));
        Assert.That(new NpgsqlConnectionStringBuilder(PostgreSqlDatabase.WithPassword(Url + ";Password=own", "other")).Password, Is.EqualTo("own"));
        Assert.That(RecoveryMode.PostgreSqlConnectionOf(Url, new SparkConf(false)), Is.EqualTo(Url));
    }

    [Test]
    public void The_credentials_for_ZooKeeper_may_stand_in_a_file()
    {
        using var directory = new TemporaryDirectory();
        var conf = new SparkConf(false).Set("spark.deploy.zookeeper.credentials.file", directory.Write("credentials", "user:password\n"));

        var options = RecoveryMode.ZooKeeperOptionsOf("z:2181", conf);

        Assert.That((options.Credentials, options.ToString()), Is.EqualTo(("user:password", "z:2181, plain, session timeout 00:00:10")));
    }

    [TestCase("spark.a.url", "https://user:pass@host/path", "https://user:*********(redacted)@host/path")]
    [TestCase("spark.a.url", "jdbc:postgresql://host/db?user=u&Password=pass", "jdbc:postgresql://host/db?user=u&Password=*********(redacted)")]
    [TestCase("spark.deploy.postgresql.url", "Host=h;Password=\"p;w\";Pooling=true", "Host=h;Password=*********(redacted);Pooling=true")]
    [TestCase("spark.deploy.postgresql.url", "Host=h;PWD=x", "Host=h;PWD=*********(redacted)")]
    [TestCase("spark.executor.extra", "-Dmy.token=x", "*********(redacted)")]
    [TestCase("spark.authenticate.secret.file", "/etc/secret", "/etc/secret")]
    [TestCase("spark.app.name", "spark://host:7077", "spark://host:7077")]
    [TestCase("spark.master", "spark://Master@host:7077", "spark://Master@host:7077")]
    public void Passwords_in_values_are_not_shown(string key, string value, string shown) =>
        Assert.That(Redaction.Default.Redact(key, value), Is.EqualTo(shown));

    [Test]
    public void A_configuration_says_what_else_is_not_shown()
    {
        var redaction = Redaction.From(new SparkConf(false).Set("spark.redaction.regex", "(?i)internal"));

        Assert.That((redaction.Redact("spark.my.Internal.x", "v"), redaction.Redact("spark.my.y", "v")), Is.EqualTo((Redaction.Replacement, "v")));
        Assert.That(() => Redaction.From(new SparkConf(false).Set("spark.redaction.regex", "(")), Throws.InstanceOf<SparkException>()
            .With.Message.StartWith("spark.redaction.regex is '(' but must be a regular expression"));
    }

    [Test]
    public void An_error_about_a_setting_does_not_repeat_a_password() => Assert.That(
        () => ConfigEntry.Int("spark.my.token.length", 1, "A test.").Parse("hunter2"),
        Throws.InstanceOf<SparkException>().With.Message.EqualTo("spark.my.token.length is '*********(redacted)' but must be a whole number of at least 0."));

    [Test]
    public void Executors_are_told_no_password()
    {
        var conf = new SparkConf(false).Set("spark.authenticate.secret", "s").Set("spark.ssl.keyStorePassword", "p").Set("spark.app.name", "a")
            .Set("spark.deploy.postgresql.password", "p").Set("spark.deploy.zookeeper.credentials", "u:p").Set("spark.deploy.postgresql.url", "Password=x");

        Assert.That(StartupSettings.WithoutCredentials(conf).Keys, Is.EqualTo(new[] { "spark.app.name" }));
    }

    [Test]
    public void Executors_get_of_the_environment_only_what_programs_need_and_what_the_worker_names()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PATH"] = "1",
            ["HOME"] = "1",
            ["LC_ALL"] = "1",
            ["DOTNET_gcServer"] = "1",
            ["MY_DATA"] = "1",
            ["SPARK_AUTHENTICATE_SECRET"] = "1",
            ["AWS_SECRET_ACCESS_KEY"] = "1",
            ["SPARK_DEPLOY_POSTGRESQL_PASSWORD"] = "1",
            ["OTHER"] = "1",
        };

        ExecutorEnvironment.Restrict(environment, " MY_DATA, SPARK_AUTHENTICATE_SECRET ");

        Assert.That(environment.Keys, Is.EquivalentTo(new[] { "PATH", "HOME", "LC_ALL", "DOTNET_gcServer", "MY_DATA" }));
    }

    private static string? Find(string? value = null, string? file = null) => Password.Find(
        value is null ? null : ("a.password", value), file is null ? null : ("a.password.file", file), "VARIABLE", static name => $"of {name}",
        NullLogger.Instance);
}
