using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Deploy.Master;

/// <summary>A driver is ended by its submitter, and by nodes of the cluster.</summary>
internal sealed class DriverOwnershipTests
{
    private const string Secret = "correct horse battery staple";

    [Test]
    public async Task A_driver_is_killed_with_the_key_that_submitted_it_or_with_the_clusters_secret()
    {
        await using var master = StartMaster();
        await using var alice = Client(KeyOf("alice"));
        await using var bob = Client(KeyOf("bob"));
        await using var admin = Client(Secret);
        var (first, second) = (await SubmitAsync(alice, master), await SubmitAsync(alice, master));

        var foreign = await KillAsync(bob, master, first);
        var state = await Ask<DriverStatusResponse>(admin, master, new RequestDriverStatus(first));
        var own = await KillAsync(alice, master, first);
        var admins = await KillAsync(admin, master, second);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((foreign.Success, foreign.Message), Is.EqualTo((false,
                $"Driver {first} was not submitted with this client key: kill it with that key, or with the cluster's secret")));
            Assert.That(state.State, Is.EqualTo(DriverState.Submitted), "nothing has happened to it");
            Assert.That((own.Success, admins.Success), Is.EqualTo((true, true)));
        }
    }

    [Test]
    public async Task A_driver_that_an_administrator_submitted_is_not_killed_with_a_client_key()
    {
        await using var master = StartMaster();
        await using var admin = Client(Secret);
        await using var user = Client(KeyOf(null));
        var driver = await SubmitAsync(admin, master);

        Assert.That((await KillAsync(user, master, driver)).Success, Is.False);
        Assert.That((await KillAsync(user, master, new DriverId("driver-none"))).Message, Does.Contain("has already finished or does not exist"));
    }

    [Test]
    public async Task Users_that_share_a_client_key_kill_the_drivers_of_each_other()
    {
        await using var master = StartMaster();
        await using var one = Client(KeyOf(null));
        await using var other = Client(KeyOf(null));

        Assert.That((await KillAsync(other, master, await SubmitAsync(one, master))).Success, Is.True);
    }

    private static string KeyOf(string? user) =>
        new SharedSecret(Encoding.UTF8.GetBytes(Secret)).ToClientKey(user is null ? Realms.Client : Realms.OfUser(user));

    private static MasterNode StartMaster() =>
        MasterNode.Start(TestedEnv.Factory, Conf(Secret), "127.0.0.1", port: 0, NullLoggerFactory.Instance);

    private static RpcEnv Client(string secret) => TestedEnv.Factory.Create(
        new RpcEnvOptions("driverClient", Conf(secret), DeployMessages.Register(new MessageRegistry())) { Listen = false, Roles = [ClusterRoles.Driver] });

    private static SparkConf Conf(string secret) => new SparkConf(loadDefaults: false).Set("spark.authenticate.secret", secret);

    private static async Task<DriverId> SubmitAsync(RpcEnv client, MasterNode master) => (await Ask<SubmitDriverResponse>(client, master,
        new RequestSubmitDriver(new DriverDescription("file:/app.dll", 1, 1, Supervise: false,
            new DriverCommand("Main", [], new Dictionary<string, string>(), new Dictionary<string, string>()))))).Driver!.Value;

    private static Task<KillDriverResponse> KillAsync(RpcEnv client, MasterNode master, DriverId driver) =>
        Ask<KillDriverResponse>(client, master, new RequestKillDriver(driver));

    private static Task<T> Ask<T>(RpcEnv client, MasterNode master, object message) =>
        client.RefTo(new RpcEndpointAddress(master.Address, "Master")).AskAsync<T>(message).AsTask();
}
