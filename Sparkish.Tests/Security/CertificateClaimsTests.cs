using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>What certificates vouch for beside who signed them: the advertised host, and the roles.</summary>
internal sealed class CertificateClaimsTests : TestWithAuthority
{
    [Test]
    public async Task A_node_whose_certificate_does_not_name_the_host_that_it_advertises_is_refused([Values] bool verifies)
    {
        var conf = Authority.Node("server").Set("spark.ssl.rpc.verifyHostname", verifies ? "true" : "false");
        await using var server = Envs.New("server", conf);
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        await using var impostor = Envs.New(Envs.Options("impostor", Authority.Node("impostor")) with { AdvertisedHost = "master.example" });

        if (verifies)
        {
            var refused = Assert.ThrowsAsync<RpcConnectionException>(() => there.From(impostor).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));
            Assert.That(refused!.Message, Does.Contain("it advertises the host 'master.example', for which its certificate 'CN=impostor' is not"));
        }
        else
        {
            Assert.That(await there.From(impostor).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(1));
        }
    }

    [TestCase("worker", null)]
    [TestCase("my-own", null)]
    [TestCase("master", "it claims the role master, but its certificate 'CN=peer' is for worker, executor")]
    public async Task A_certificate_with_roles_vouches_for_no_others(string role, string? refusal)
    {
        await using var server = Envs.New("server", Authority.Node("server"));
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        await using var peer = Envs.New(Envs.Options("peer", Authority.Node("peer", roles: ["worker", "executor"])) with { Roles = [role] });

        if (refusal is null)
        {
            Assert.That(await there.From(peer).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(1));
            return;
        }

        var refused = Assert.ThrowsAsync<RpcConnectionException>(() => there.From(peer).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));
        Assert.That(refused!.Message, Does.Contain(refusal));
    }

    [Test]
    public async Task A_dialled_node_claims_no_role_that_its_certificate_lacks()
    {
        await using var server = Envs.New(Envs.Options("server", Authority.Node("server", roles: ["worker"])) with { Roles = ["master"] });
        await using var client = Envs.New("client", Authority.Node("client"));

        var refused = Assert.ThrowsAsync<RpcConnectionException>(
            () => client.RefTo(new RpcEndpointAddress(server.Address, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));

        Assert.That(refused!.Message, Does.Contain("it claims the role master, but its certificate 'CN=server' is for worker"));
    }
}
