using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sparkish.Rest;
using Sparkish.Security;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rest;

/// <summary>Requests over HTTP need the same credentials and roles as messages.</summary>
internal sealed class RestAccessTests
{
    private const string Secret = "a secret that is long enough for everybody";
    private const string JwsKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"; // base64url
    private const string JwsFilter = "org.apache.spark.ui.JWSFilter";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static readonly SharedSecret Cluster = new(Encoding.UTF8.GetBytes(Secret));
    private static readonly SharedSecret Client = Cluster.ToClientSecret(Realms.Client);

    [Test]
    public async Task Without_a_valid_token_nothing_is_answered_beside_a_locked_master()
    {
        await using var master = await RestMaster.StartAsync(("spark.authenticate.secret", Secret));
        var expired = RestTokens.Issue(Cluster, Now - TimeSpan.FromHours(2), TimeSpan.FromHours(1));
        var foreign = RestTokens.Issue(new SharedSecret("another secret that is long enough"u8), Now, TimeSpan.FromHours(1));
        string[] wrong = ["", "x", "a.b.c", Secret, Client.ToString(), expired, foreign, Unsigned(), Endless(Cluster.ToTokenKey()), Cluster.ToClientKey()];

        foreach (var token in wrong.Select(string? (one) => one).Append(null))
        {
            var (status, body) = await master.SendAsync(HttpMethod.Post, "/v1/submissions/create", "not read", token, type: "text/plain");
            Assert.That((status, body.GetProperty("action").GetString()), Is.EqualTo((401, "ErrorResponse")), token);
        }

        Assert.That((await master.GetAsync("nowhere")).Status, Is.EqualTo(401), "not even what there is");
    }

    [Test]
    public async Task A_user_submits_reports_and_kills_and_an_administrator_also_ends_all()
    {
        await using var master = await RestMaster.StartAsync(("spark.authenticate.secret", Secret));
        var user = RestTokens.Issue(new SharedSecret(Encoding.UTF8.GetBytes(Cluster.ToClientKey())), Now, TimeSpan.FromHours(1));
        var administrator = RestTokens.Issue(Cluster, Now, TimeSpan.FromHours(1));

        var created = await master.PostAsync("create", RestMaster.Submission(), user);
        var id = created.Body.GetProperty("submissionId").GetString();
        var status = await master.GetAsync($"status/{id}", user);
        var killed = await master.PostAsync($"kill/{id}", token: user);
        var all = await master.PostAsync("killall", token: user);
        var clear = await master.PostAsync("clear", token: user);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((created.Status, status.Status, killed.Status), Is.EqualTo((200, 200, 200)));
            Assert.That((all.Status, clear.Status), Is.EqualTo((403, 403)), "as by messages");
            Assert.That((await master.PostAsync("killall", token: administrator)).Status, Is.EqualTo(200));
            Assert.That((await master.PostAsync("clear", token: administrator)).Status, Is.EqualTo(200));
            Assert.That((await master.GetAsync("readyz", user)).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task A_driver_is_reported_and_ended_by_its_submitter_and_by_administrators_only()
    {
        await using var master = await RestMaster.StartAsync(("spark.authenticate.secret", Secret));
        var (ada, bob) = (TokenOf(Cluster, "ada"), TokenOf(Cluster.ToClientSecret(Realms.OfUser("bob")), "bob"));
        var created = await master.PostAsync("create", RestMaster.Submission(), ada);
        var id = created.Body.GetProperty("submissionId").GetString();

        var foreignStatus = await master.GetAsync($"status/{id}", bob);
        var foreignKill = await master.PostAsync($"kill/{id}", token: bob);
        var pretended = await master.PostAsync($"kill/{id}", token: TokenOf(Client, "ada"));
        var forged = await master.PostAsync($"kill/{id}", token: TokenOf(Cluster.ToClientSecret(Realms.OfUser("bob")), "ada"));
        var ownStatus = await master.GetAsync($"status/{id}", ada);
        var all = await master.PostAsync("killall", token: ada);
        var administrator = await master.GetAsync($"status/{id}", TokenOf(Cluster, user: null));
        var ownKill = await master.PostAsync($"kill/{id}", token: ada);
        var foreignAfterwards = await master.GetAsync($"status/{id}", bob);
        var ownAfterwards = await master.GetAsync($"status/{id}", ada);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((Succeeded(foreignStatus), Succeeded(foreignKill), Succeeded(foreignAfterwards)), Is.EqualTo((false, false, false)), "as one that is not there");
            Assert.That(foreignStatus.Body.TryGetProperty("driverState", out _) || foreignAfterwards.Body.TryGetProperty("driverState", out _), Is.False);
            Assert.That((Succeeded(ownStatus), Succeeded(administrator), Succeeded(ownKill), Succeeded(ownAfterwards)), Is.EqualTo((true, true, true, true)));
            Assert.That((Succeeded(pretended), forged.Status), Is.EqualTo((false, 401)), "only ada's key and the secret prove ada");
            Assert.That(all.Status, Is.EqualTo(403), "a user ends no drivers of others");
            Assert.That(ownAfterwards.Body.GetProperty("driverState").GetString(), Is.EqualTo("KILLED"));
            Assert.That(master.Log.Lines, Has.Some.Contains("was submitted over HTTP by ada at 127.0.0.1"));
        }
    }

    [TestCase("two\nlines")]
    [TestCase("long")]
    public async Task A_token_whose_user_cannot_stand_in_a_log_is_refused(string user)
    {
        await using var master = await RestMaster.StartAsync(("spark.authenticate.secret", Secret));
        var name = user == "long" ? new string('x', 1000) : user;

        Assert.That((await master.GetAsync("readyz", TokenOf(Cluster, name))).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task A_changed_secret_counts_at_once()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("secret", Secret);
        await using var master = await RestMaster.StartAsync(("spark.authenticate.secret.file", file));
        var old = RestTokens.Issue(Cluster, Now, TimeSpan.FromHours(1));
        var renewed = RestTokens.Issue(new SharedSecret("the next secret, which is longer than the first one"u8), Now, TimeSpan.FromHours(1));

        directory.Write("secret", $"the next secret, which is longer than the first one\n{Secret}");
        var both = ((await master.GetAsync("readyz", old)).Status, (await master.GetAsync("readyz", renewed)).Status);
        directory.Write("secret", "the next secret, which is longer than the first one");
        var later = ((await master.GetAsync("readyz", old)).Status, (await master.GetAsync("readyz", renewed)).Status);

        Assert.That((both, later), Is.EqualTo(((200, 200), (401, 200))));
    }

    [Test]
    public async Task Tokens_for_the_filter_of_Spark_are_taken()
    {
        using var directory = new TemporaryDirectory();
        var key = directory.Write("jws", JwsKey + "\n");
        await using var master = await RestMaster.StartAsync(
            ("spark.master.rest.filters", JwsFilter), ($"spark.{JwsFilter}.param.secretKey.file", key));

        var valid = await master.PostAsync("killall", token: Endless(Base64UrlEncoder.DecodeBytes(JwsKey)));
        var wrong = await master.PostAsync("killall", token: Endless(Base64UrlEncoder.DecodeBytes("B" + JwsKey[1..])));
        var none = await master.PostAsync("killall");

        Assert.That((valid.Status, wrong.Status, none.Status), Is.EqualTo((200, 401, 401)));
    }

    [TestCase("spark.master.rest.filters", "com.example.MyFilter", "com.example.MyFilter")]
    [TestCase("spark.master.rest.filters", JwsFilter, "spark.org.apache.spark.ui.JWSFilter.param.secretKey.file")]
    [TestCase("spark.master.rest.host", "0.0.0.0", "certificates")]
    [TestCase("spark.master.rest.host", "nowhere.invalid", "nowhere.invalid")]
    [TestCase("spark.master.rest.port", "99999", "99999")]
    public void A_wrong_setting_is_named_at_the_start(string key, string value, string named) =>
        Assert.That(
            async () => await RestMaster.StartAsync((key, value)), Throws.TypeOf<SparkException>().With.Message.Contains(key).And.Message.Contains(named));

    [Test]
    public void A_short_key_is_refused_and_not_repeated() => Assert.That(
        async () => await RestMaster.StartAsync(("spark.master.rest.filters", JwsFilter), ($"spark.{JwsFilter}.param.secretKey", "c2hvcnQ")),
        Throws.TypeOf<SparkException>().With.Message.Contains("at least 32 bytes").And.Message.Not.Contains("c2hvcnQ"));

    [TestCase("spark.authenticate.secret", Secret)]
    [TestCase("spark.authenticate", "false")]
    public void Beyond_loopback_neither_a_secret_alone_nor_an_open_network_alone_is_enough(string key, string value)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.master.rest.host", "0.0.0.0").Set(key, value);
        using var security = SecurityManager.From(conf, NullLogger.Instance, static _ => null);

        Assert.That(() => RestOptions.From(conf, security, NullLogger.Instance, static _ => null),
            Throws.TypeOf<SparkException>().With.Message.Contains("spark.master.rest.host is '0.0.0.0'"));
    }

    [Test]
    public void Beyond_loopback_certificates_do_or_the_filter_in_a_closed_network()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        var withCertificates = authority.Node("master").Set("spark.master.rest.host", "0.0.0.0");
        var closed = new SparkConf(loadDefaults: false).Set("spark.master.rest.host", "0.0.0.0").Set("spark.authenticate", "false")
            .Set("spark.master.rest.filters", JwsFilter).Set($"spark.{JwsFilter}.param.secretKey", JwsKey);

        foreach (var conf in new[] { withCertificates, closed })
        {
            using var security = SecurityManager.From(conf, NullLogger.Instance, static _ => null);
            Assert.That(RestOptions.From(conf, security, NullLogger.Instance, static _ => null).Host, Is.EqualTo("0.0.0.0"));
        }
    }

    [Test]
    public async Task With_certificates_a_client_needs_one_whose_roles_decide()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        using var stranger = new TestAuthority(directory.Path, "Stranger");
        await using var master = await RestMaster.StartAsync(authority.Node("master"));
        using var administrator = authority.Issue("admin", roles: "master");
        using var user = authority.Issue("user", roles: "driver");
        using var executor = authority.Issue("executor", roles: "executor");
        using var foreign = stranger.Issue("foreign");

        Assert.That(master.Url.Scheme, Is.EqualTo("https"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await KillAllAsync(administrator), Is.EqualTo(200));
            Assert.That(await KillAllAsync(user), Is.EqualTo(403));
            Assert.That(await KillAllAsync(executor), Is.EqualTo(403));
            Assert.That(async () => await KillAllAsync(foreign), Throws.InstanceOf<HttpRequestException>());
            Assert.That(async () => await KillAllAsync(null), Throws.InstanceOf<HttpRequestException>());
        }

        async Task<int> KillAllAsync(X509Certificate2? certificate)
        {
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = IsOfAuthority;
            if (certificate is not null)
            {
                handler.SslOptions.ClientCertificates = [certificate];
                handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
            }

            using var client = new HttpClient(handler);
            using var response = await client.PostAsync(new Uri(master.Url, "/v1/submissions/killall"), content: null);
            return (int)response.StatusCode;
        }

        static bool IsOfAuthority(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
            certificate?.Issuer == "CN=Test CA";
    }

    private static string TokenOf(SharedSecret secret, string? user) => RestTokens.Issue(secret, Now, TimeSpan.FromHours(1), user);

    private static bool Succeeded((int Status, JsonElement Body) answer) => answer.Body.GetProperty("success").GetBoolean();

    private static string Endless(byte[] key)
    {
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256),
        });
    }

    private static string Unsigned() =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor { Expires = (Now + TimeSpan.FromHours(1)).UtcDateTime });
}
