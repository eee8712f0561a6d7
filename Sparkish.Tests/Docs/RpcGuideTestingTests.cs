using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;
using Sparkish.TestKit;
using Sparkish.TestKit.NUnit;

namespace Sparkish.Tests.Docs;

/// <summary>The page of docs/rpc.md on tests; what stands between the marks stands there, too.</summary>
internal sealed class RpcGuideTestingTests
{
    // <snippet probe>
    [Test]
    public async Task A_nurse_tells_of_the_end_of_her_patient()
    {
        await using var env = TestEnvs.Local();
        var patient = TestProbe.On(env);
        var doctor = TestProbe.On(env);
        var nurse = env.SetupEndpoint("Nurse", new Nurse(doctor.Self.Send));

        nurse.Send(new LookAfter(patient.Self));
        patient.Stop();

        await doctor.ExpectAsync<string>(report => report.StartsWith(patient.Self.Name, StringComparison.Ordinal));
    }
    // </snippet>

    // <snippet simulation>
    [Test]
    public void A_crash_is_noticed_under_every_schedule() => SimulatedSeeds.Run(20, cluster =>
    {
        var server = cluster.AddNode("server", (RpcEnv env) => env.SetupEndpoint("Greeter", new Greeter()));
        var client = cluster.AddNode("client", (RpcEnv _) => { });

        cluster.Run(async () =>
        {
            var probe = TestProbe.On(client.Env);
            var greeter = await client.Env.SetupEndpointRefAsync(new RpcEndpointAddress(server.Env.Address, "Greeter"));
            await greeter.AskAsync<Greeting>(new Greet("Ada"));
            probe.Watch(greeter);

            server.Crash();

            await probe.ExpectTerminatedAsync(greeter); // no real time passes
        });
    }, new SimulationOptions { Messages = new MessageRegistry().Add<Greet>(100).Add<Greeting>(101) });
    // </snippet>
}
