using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Sparkish.Deploy;
using Sparkish.Deploy.Client;
using Sparkish.Rpc;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Client;

internal sealed class ClientEndpointTests
{
    private static readonly ApplicationId App = new("app-1");
    private static readonly ApplicationDescription Wishes = Descriptions.Of(maxCores: 4, coresPerExecutor: 2, memoryMiB: 512);

    [Test]
    public async Task An_application_registers_hears_of_its_executors_and_signs_off()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));

        var registration = await master.ExpectAsync<RegisterApplication>();
        registration.Client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        registration.Client.Send(new ExecutorAdded(0, new WorkerId("worker-1"), "h:1", 2, 512));
        registration.Client.Send(new ExecutorUpdated(0, ExecutorState.Running, null, null, null));
        registration.Client.Send(new ExecutorUpdated(0, ExecutorState.Lost, "worker lost: gone", null, "h"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(registration.Description, Is.EqualTo(Wishes).UsingPropertiesComparer());
            Assert.That(await listener.NextAsync(), Is.EqualTo("connected app-1"));
            Assert.That(await listener.NextAsync(), Is.EqualTo("executor 0 ended: worker lost: gone, , h"));
            Assert.That(await client.AskAsync<bool>(new StopAppClient()), Is.True);
            Assert.That(await master.ExpectAsync<UnregisterApplication>(), Is.EqualTo(new UnregisterApplication(App)));
        }
    }

    [Test]
    public async Task A_master_that_is_not_there_is_told_of_in_one_sentence()
    {
        var nobody = UnusedAddress();
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();

        driver.SetupEndpoint(
            ClientEndpoint.EndpointName, new ClientEndpoint(Options(nobody) with { RefusedPauses = [TimeSpan.Zero, TimeSpan.Zero] }, Wishes, listener));

        Assert.That(await listener.NextAsync(), Does.StartWith($"dead: Cannot reach any master of spark://{nobody}: ")
            .And.EndWith(". Start one with 'sparkish master', or check host and port."));
    }

    [Test]
    public async Task One_master_of_many_suffices()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();

        driver.SetupEndpoint(ClientEndpoint.EndpointName,
            new ClientEndpoint(Options(UnusedAddress(), master.Env.Address) with { RefusedPauses = [] }, Wishes, listener));

        (await master.ExpectAsync<RegisterApplication>()).Client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        Assert.That(await listener.NextAsync(), Is.EqualTo("connected app-1"));
    }

    [Test]
    public async Task Masters_that_do_not_answer_are_given_up_after_three_tries()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();

        driver.SetupEndpoint(
            ClientEndpoint.EndpointName,
                new ClientEndpoint(Options(master.Env.Address) with { RegistrationTimeout = TimeSpan.FromMilliseconds(1) }, Wishes, listener));

        Assert.That(await listener.NextAsync(), Does.StartWith("dead: All masters are unresponsive! Giving up."));
        for (var i = 0; i < ClientOptions.MaxAttempts; i++) await master.ExpectAsync<RegisterApplication>();
    }

    [Test]
    public async Task A_standby_that_becomes_the_leader_during_a_registration_takes_it_within_the_same_attempt()
    {
        await using var standby = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = new ClientEndpoint(Options(standby.Env.Address) with { RepeatInterval = TimeSpan.FromMilliseconds(10) }, Wishes, listener);
        driver.SetupEndpoint(ClientEndpoint.EndpointName, client);
        await standby.ExpectAsync<RegisterApplication>(); // a standby does not answer

        var again = await standby.ExpectAsync<RegisterApplication>();
        again.Client.Send(new RegisteredApplication(App, standby.Ref, Descriptions.Secret));

        Assert.That(await listener.NextAsync(), Is.EqualTo("connected app-1"));
    }

    [Test]
    public async Task An_application_that_the_master_gave_up_is_dead()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));
        var client = (await master.ExpectAsync<RegisterApplication>()).Client;
        client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        await listener.NextAsync();

        client.Send(new ApplicationRemoved("Failed: why"));

        Assert.That(await listener.NextAsync(), Is.EqualTo("dead: Master removed our application: Failed: why"));
    }

    [Test]
    public async Task The_loss_of_the_master_is_told()
    {
        var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));
        (await master.ExpectAsync<RegisterApplication>()).Client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        await listener.NextAsync();

        await master.DisposeAsync();

        Assert.That(await listener.NextAsync(), Is.EqualTo($"master {master.Env.Address} lost"));
    }

    [Test]
    public async Task An_application_follows_a_later_leader_with_its_secret_and_refuses_an_earlier_one()
    {
        await using var master = new Probe("Master");
        await using var standby = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        driver.SetupEndpoint(ClientEndpoint.EndpointName,
            new ClientEndpoint(Options(master.Env.Address, standby.Env.Address), Wishes, listener));
        (await master.ExpectAsync<RegisterApplication>()).Client.Send(
            new RegisteredApplication(App, master.Ref, Descriptions.Secret) { Epoch = new MasterEpoch(1, 2) });
        await listener.NextAsync();
        var client = (await standby.ExpectAsync<RegisterApplication>()).Client;

        client.Send(new MasterChanged(standby.Ref) { Epoch = new MasterEpoch(1, 1) });
        client.Send(new ExecutorAdded(9, new WorkerId("worker-1"), "h:1", 1, 1)); // of a leader that it does not follow
        client.Send(new MasterChanged(standby.Ref) { Epoch = new MasterEpoch(1, 3) });

        var answer = await standby.ExpectAsync<MasterChangeAcknowledged>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.App, answer.Executors), Is.EqualTo((App, Array.Empty<int>())));
            Assert.That(answer.Secret.Value, Is.EqualTo(Descriptions.Secret.Value));
            Assert.That(await listener.NextAsync(), Is.EqualTo($"master {standby.Env.Address} found"));
        }
    }

    [Test]
    public async Task Requests_for_executors_are_answered_with_false_until_a_master_has_accepted_the_application()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));
        var registration = await master.ExpectAsync<RegisterApplication>();

        var (requested, killed) = (await client.AskAsync<bool>(new RequestExecutors(App, 2)), await client.AskAsync<bool>(new KillExecutors(App, [0])));
        registration.Client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        await listener.NextAsync();
        var later = await client.AskAsync<bool>(new RequestExecutors(App, 3));

        Assert.That((requested, killed, later), Is.EqualTo((false, false, true)));
        Assert.That((await master.ExpectAsync<RequestExecutors>()).Total, Is.EqualTo(3), "the master has heard of the last one alone");
    }

    [Test]
    public async Task Signing_off_from_a_cluster_that_is_gone_does_not_fail()
    {
        var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));
        (await master.ExpectAsync<RegisterApplication>()).Client.Send(new RegisteredApplication(App, master.Ref, Descriptions.Secret));
        await listener.NextAsync();

        await master.DisposeAsync();

        Assert.That(await client.AskAsync<bool>(new StopAppClient()).AsTask().WaitAsync(TimeSpan.FromSeconds(20)), Is.True);
    }

    [Test]
    public async Task An_application_that_ends_while_its_leader_does_not_answer_is_removed_by_the_next_leader()
    {
        await using var frozen = new Probe("Master");
        await using var standby = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = driver.SetupEndpoint(ClientEndpoint.EndpointName,
            new ClientEndpoint(Options(frozen.Env.Address, standby.Env.Address), Wishes, listener));
        var self = (await standby.ExpectAsync<RegisterApplication>()).Client;
        (await frozen.ExpectAsync<RegisterApplication>()).Client.Send(
            new RegisteredApplication(App, frozen.Ref, Descriptions.Secret) { Epoch = new MasterEpoch(1, 2) });
        await listener.NextAsync();
        frozen.AnswersNothing = true;

        var stopping = client.AskAsync<bool>(new StopAppClient()).AsTask();
        await frozen.ExpectAsync<UnregisterApplication>();
        self.Send(new MasterChanged(standby.Ref) { Epoch = new MasterEpoch(1, 3) });

        Assert.That((await standby.ExpectAsync<MasterChangeAcknowledged>()).App, Is.EqualTo(App));
        Assert.That(await standby.ExpectAsync<UnregisterApplication>(), Is.EqualTo(new UnregisterApplication(App)));
        Assert.That(await stopping.WaitAsync(TimeSpan.FromSeconds(20)), Is.True);
    }

    [Test]
    public async Task An_application_that_ends_while_no_master_answers_waits_for_a_limited_time()
    {
        await using var frozen = new Probe("Master") { AnswersNothing = true };
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        var client = driver.SetupEndpoint(ClientEndpoint.EndpointName,
            new ClientEndpoint(Options(frozen.Env.Address) with { LeaveTimeout = TimeSpan.FromMilliseconds(50) }, Wishes, listener));
        (await frozen.ExpectAsync<RegisterApplication>()).Client.Send(new RegisteredApplication(App, frozen.Ref, Descriptions.Secret));
        await listener.NextAsync();

        Assert.That(await client.AskAsync<bool>(new StopAppClient()).AsTask().WaitAsync(TimeSpan.FromSeconds(20)), Is.True);
    }

    [Test]
    public async Task An_application_whose_registration_was_acknowledged_by_a_leader_that_died_is_registered_by_the_next_one()
    {
        await using var master = new Probe("Master");
        await using var driver = Probe.NewEnv("driver");
        var listener = new Listener();
        driver.SetupEndpoint(ClientEndpoint.EndpointName, new ClientEndpoint(Options(master.Env.Address), Wishes, listener));
        var self = (await master.ExpectAsync<RegisterApplication>()).Client;

        self.Send(new MasterChanged(master.Ref) { Epoch = new MasterEpoch(1, 2) }); // meant for an earlier application at this address
        self.Send(new MasterChanged(master.Ref) { Epoch = new MasterEpoch(1, 2), App = App });

        var answer = await master.ExpectAsync<MasterChangeAcknowledged>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.App, answer.Executors), Is.EqualTo((App, Array.Empty<int>())));
            Assert.That(await listener.NextAsync(), Is.EqualTo("connected app-1"));
        }
    }

    private static ClientOptions Options(params RpcAddress[] masters) =>
        new(masters, TimeSpan.FromSeconds(60)) { RepeatInterval = TimeSpan.FromMinutes(10) };

    private static RpcAddress UnusedAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new RpcAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    private sealed class Listener : IClientListener
    {
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

        public Task<string> NextAsync() => _heard.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public void Connected(ApplicationId app, ApplicationSecret secret, RpcAddress master) => _heard.Writer.TryWrite($"connected {app}");

        public void ExecutorAdded(int executor)
        {
        }

        public void Dead(string reason) => _heard.Writer.TryWrite($"dead: {reason}");

        public void MasterLost(RpcAddress master) => _heard.Writer.TryWrite($"master {master} lost");

        public void MasterFound(RpcAddress master) => _heard.Writer.TryWrite($"master {master} found");

        public void ExecutorDecommissioned(int executor, string message) => _heard.Writer.TryWrite($"executor {executor} decommissioned: {message}");

        public void ExecutorEnded(int executor, string message, int? exitStatus, string? workerHost) =>
            _heard.Writer.TryWrite($"executor {executor} ended: {message}, {exitStatus}, {workerHost}");
    }
}
