using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Tests.Security;

/// <summary>What each realm proves, and who takes it: the handshake alone, and the policies behind it.</summary>
internal sealed class RealmTests
{
    private const string Old = "correct horse battery staple";
    private const string New = "a newer one, which is as long";

    private static readonly string App = Realms.OfApplication("app-1");

    [TestCase(new[] { New, Old }, new[] { Old })]
    [TestCase(new[] { Old }, new[] { New, Old })]
    [TestCase(new[] { New }, new[] { New, Old })]
    [TestCase(new[] { New, Old }, new[] { New })]
    [TestCase(new[] { New, Old }, new[] { New, Old })]
    public void A_node_that_knows_one_of_two_secrets_is_taken_while_the_secret_is_changed(string[] connecting, string[] listening)
    {
        var server = Handshaking.Run(
            Handshaking.Credential(Realms.Cluster, connecting), Handshaking.Listening(Handshaking.Credential(Realms.Cluster, listening)));

        Assert.That((server.Credential.Realm, server.Spoken), Is.EqualTo((Realms.Cluster, Handshake.Version)));
    }

    [TestCase(new[] { New }, new[] { Old })]
    [TestCase(new[] { New, Old }, new[] { "another secret, just as long" })]
    public void Nodes_without_a_common_secret_refuse_each_other(string[] connecting, string[] listening) => Assert.That(
        () => Handshaking.Run(
            Handshaking.Credential(Realms.Cluster, connecting), Handshaking.Listening(Handshaking.Credential(Realms.Cluster, listening))),
        Throws.TypeOf<HandshakeException>().With.Message.Contains("spark.authenticate.secret differ"));

    [TestCase("", "worker", null)]
    [TestCase("cluster", "master", null)]
    [TestCase("cluster", "my-own", null)]
    [TestCase("client", "driver", null)]
    [TestCase("client", "master", "it claims the role master, but a client key proves only driver")]
    [TestCase("client", "worker", "it claims the role worker, but a client key proves only driver")]
    [TestCase("client", "my-own", "it claims none of the cluster's roles, but a client key proves only driver")]
    [TestCase("app:app-1", "executor", null)]
    [TestCase("app:app-1", "driver", null)]
    [TestCase("app:app-1", "master", "it claims the role master, but the secret of an application proves only driver or executor")]
    [TestCase("app:app-1", "worker", "it claims the role worker, but the secret of an application proves only driver or executor")]
    public void A_realm_proves_the_roles_of_its_members_alone(string realm, string role, string? refusal) =>
        Assert.That(Realms.Refusal(realm, [role], connects: true), Is.EqualTo(refusal));

    [Test]
    public void Two_roles_at_once_are_not_proven_by_a_client_key() =>
        Assert.That(Realms.Refusal(Realms.Client, ["driver", "master"], connects: true), Does.Contain("claims the role driver, master"));

    [Test]
    public void A_role_that_the_proof_does_not_cover_ends_the_handshake([Values] bool connecting)
    {
        var credential = Handshaking.Credential(App, Old);

        Assert.That(
            () => Handshaking.Run(credential, Handshaking.Listening(credential), [connecting ? "master" : "executor"], [connecting ? "driver" : "master"]),
            Throws.TypeOf<HandshakeException>().With.Message.Contains("it claims the role master"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Neither_side_proves_a_secret_on_a_channel_that_others_can_join(bool connecting)
    {
        var credential = Handshaking.Credential(Realms.Cluster, New);
        var shared = default(ChannelBinding) with { IsShared = true };

        Assert.That(() => Handshaking.Run(credential, Handshaking.Listening(credential),
                clientBinding: connecting ? shared : default, serverBinding: connecting ? default : shared),
            Throws.TypeOf<HandshakeException>().With.Message.Contains("TLS"));
    }

    [Test]
    public void A_relay_at_another_port_of_this_machine_makes_the_proofs_wrong()
    {
        var credential = Handshaking.Credential(App, Old);
        var dialled = default(ChannelBinding) with { Endpoint = "127.0.0.1:1000"u8.ToArray() };
        var accepted = default(ChannelBinding) with { Endpoint = "127.0.0.1:2000"u8.ToArray() };

        Assert.That(() => Handshaking.Run(credential, Handshaking.Listening(credential), ["executor"], ["driver"], dialled, accepted),
            Throws.TypeOf<HandshakeException>().With.Message.Contains("a third party intercepts the connection"));
        Assert.That(Handshaking.Run(credential, Handshaking.Listening(credential), ["executor"], ["driver"], dialled, dialled).Credential.Realm, Is.EqualTo(App));
    }

    [Test]
    public void A_driver_takes_its_own_application_and_nobody_else()
    {
        var keyring = new Keyring { AdmitsApplicationsOnly = true };
        keyring.Join("app-1", "0123456789abcdef"u8, ["master:7077"]);
        using var driver = Manager(Old, keyring);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(driver.ToAccept(App).Credential?.Realm, Is.EqualTo(App));
            Assert.That(driver.ToAccept(Realms.OfApplication("app-2")).Refusal, Does.Contain("does not belong to application 'app-2'"));
            Assert.That(driver.ToAccept(Realms.Cluster).Refusal, Does.Contain("accepts only its executors"));
            Assert.That(driver.ToAccept(Realms.Client).Refusal, Does.Contain("accepts only its executors"));
            Assert.That(driver.ToAccept(Realms.None).Refusal, Does.Contain("accepts only its executors"));
            Assert.That(driver.ToProve("master:7077").Realm, Is.EqualTo(Realms.Cluster));
            Assert.That(driver.ToProve("executor:1").Realm, Is.EqualTo(App), "the cluster's secret is for masters alone");
        }
    }

    [Test]
    public void A_worker_takes_the_executors_of_the_applications_that_it_runs()
    {
        var keyring = new Keyring();
        using var worker = Manager(Old, keyring);

        keyring.AddApplication("app-1", "0123456789abcdef"u8);
        var taken = worker.ToAccept(App);
        keyring.RemoveApplication("app-1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(taken.Credential?.Realm, Is.EqualTo(App));
            Assert.That(worker.ToAccept(App).Refusal, Does.Contain("does not belong to application 'app-1'"));
            Assert.That(worker.ToAccept(Realms.Cluster).Credential?.Realm, Is.EqualTo(Realms.Cluster));
            Assert.That(worker.ToAccept(Realms.Client).Refusal, Does.Contain("a client key authenticates drivers"));
        }
    }

    [Test]
    public void A_client_key_is_proven_to_masters_and_tells_nothing_of_the_clusters_secret()
    {
        var key = new SharedSecret(System.Text.Encoding.UTF8.GetBytes(Old)).ToClientKey();
        using var user = Manager(key, new Keyring());
        using var master = Manager(Old, new Keyring { AdmitsClients = true });

        var server = Handshaking.Run(user.ToProve("master:7077"), master.ToAccept, ["driver"], ["master"]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(server.Credential.Realm, Is.EqualTo(Realms.Client));
            Assert.That(key, Does.StartWith("client:").And.Not.Contain(Old));
            Assert.That(() => Handshaking.Run(user.ToProve("master:7077"), master.ToAccept, ["worker"], ["master"]),
                Throws.TypeOf<HandshakeException>().With.Message.Contains("it claims the role worker"));
            Assert.That(() => Handshaking.Run(user.ToProve("a:1") with { Realm = Realms.Cluster }, master.ToAccept, ["worker"], ["master"]),
                Throws.TypeOf<HandshakeException>().With.Message.Contains("secret differ"), "who has the key does not have the secret");
        }
    }

    [Test]
    public void A_key_of_one_user_proves_that_user_to_masters_and_no_other_one()
    {
        var key = new SharedSecret(System.Text.Encoding.UTF8.GetBytes(Old)).ToClientKey(Realms.OfUser("alice"));
        using var alice = Manager(key, new Keyring());
        using var master = Manager(Old, new Keyring { AdmitsClients = true });
        using var worker = Manager(Old, new Keyring());
        var own = alice.ToProve("master:7077");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(key, Does.StartWith("client:alice:").And.Not.Contain(Old));
            Assert.That(Handshaking.Run(own, master.ToAccept, ["driver"], ["master"]).Credential.Realm, Is.EqualTo("client:alice"));
            Assert.That(() => Handshaking.Run(own with { Realm = Realms.OfUser("bob") }, master.ToAccept, ["driver"], ["master"]),
                Throws.TypeOf<HandshakeException>());
            Assert.That(() => Handshaking.Run(own with { Realm = Realms.Client }, master.ToAccept, ["driver"], ["master"]), Throws.TypeOf<HandshakeException>());
            Assert.That(() => Handshaking.Run(own, master.ToAccept, ["worker"], ["master"]),
                Throws.TypeOf<HandshakeException>().With.Message.Contains("it claims the role worker"));
            Assert.That(worker.ToAccept(own.Realm).Refusal, Does.Contain("a client key authenticates drivers"));
            Assert.That(alice.ToAccept(Realms.Cluster).Refusal, Does.Contain("the listening node has a client key"));
            Assert.That(master.ToAccept("client:a/../b").Refusal, Does.Contain("the unknown realm"));
        }
    }

    [TestCase("client:a b:c2VjcmV0IGtleSBvZiBhIHVzZXI=")]
    [TestCase("client::c2VjcmV0IGtleSBvZiBhIHVzZXI=")]
    [TestCase("client:a:b:c2VjcmV0IGtleSBvZiBhIHVzZXI=")]
    public void A_client_key_of_another_form_is_refused(string key) => Assert.That(() => SecretText.Parse("the file", key),
        Throws.TypeOf<SparkException>().With.Message.Contains("'client:USER:KEY'").And.Message.Not.Contain("c2VjcmV0"));

    [Test]
    public void A_secret_of_three_lines_and_one_of_two_kinds_are_refused()
    {
        var client = new SharedSecret(System.Text.Encoding.UTF8.GetBytes(Old)).ToClientKey();

        Assert.That(() => SecretText.Parse("the file", $"{Old}\n{New}\n{Old}"), Throws.TypeOf<SparkException>().With.Message.Contains("has 3 lines"));
        Assert.That(() => SecretText.Parse("the file", $"{Old}\n{client}"),
            Throws.TypeOf<SparkException>().With.Message.EqualTo(
                "the file has secrets of two realms, cluster and client: use two of a kind, the new one and then the old one."));
    }

    private static SecurityManager Manager(string secret, Keyring keyring) =>
        SecurityManager.From(new SparkConf(false).Set("spark.authenticate.secret", secret), NullLogger.Instance, keyring, static _ => null);
}
