using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Tests.ForeignEnv;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc;

internal sealed class RpcEnvFactoriesTests
{
    private const string Foreign = "Sparkish.Tests.ForeignEnv.ChannelRpcEnvFactory, Sparkish.Tests.ForeignEnv";

    [TestCase(null)]
    [TestCase("network")]
    [TestCase("Network")]
    [TestCase("Sparkish.Rpc.Transport.NetworkRpcEnvFactory, Sparkish.Core")]
    public void The_network_env_is_the_default(string? value) => Assert.That(RpcEnvFactories.From(Conf(value)), Is.InstanceOf<NetworkRpcEnvFactory>());

    [Test]
    public void A_type_of_another_assembly_is_found_by_its_name() => Assert.That(RpcEnvFactories.From(Conf(Foreign)), Is.InstanceOf<ChannelRpcEnvFactory>());

    [TestCase("", "neither 'network' nor 'akka' nor a type")]
    [TestCase("orleans", "neither 'network' nor 'akka' nor a type")]
    [TestCase("A.B,", "neither 'network' nor 'akka' nor a type")]
    [TestCase("A.B, No.Such.Assembly", "cannot be loaded: it is not part of the program")]
    [TestCase("A.B, not/a:name", "cannot be loaded")]
    [TestCase("No.Such.Type, Sparkish.Tests.ForeignEnv", "has no type No.Such.Type")]
    [TestCase("A[[, Sparkish.Tests.ForeignEnv", "has no type A[[")]
    [TestCase("Sparkish.Tests.Rpc.RpcEnvFactoriesTests+Hidden, Sparkish.Tests", "is not public")]
    [TestCase("Sparkish.Tests.ForeignEnv.ChannelRpcEnv, Sparkish.Tests.ForeignEnv", "does not derive from or implement IRpcEnvFactory")]
    [TestCase("Sparkish.Rpc.IRpcEnvFactory, Sparkish.Core", "cannot be instantiated")]
    [TestCase("Sparkish.Tests.Rpc.FactoryWithArguments, Sparkish.Tests", "has no public constructor without parameters")]
    [TestCase("Sparkish.Tests.Rpc.FailingFactory, Sparkish.Tests", "failed: no luck")]
    public void A_value_that_leads_to_no_factory_is_one_clear_error(string value, string reason) =>
        Assert.That(() => RpcEnvFactories.From(Conf(value)), Throws.InstanceOf<SparkException>()
            .With.Message.StartsWith($"spark.rpc.factory is '{value}', but ").And.Message.Contains(reason));

    [Test]
    public async Task Create_makes_an_env_that_only_this_machine_reaches()
    {
        await using var env = RpcEnv.Create("hello");
        var self = env.SetupEndpoint("echo", new Echo());

        Assert.That((env.Name, env.Address.Host, await self.AskAsync<string>("hi")), Is.EqualTo(("hello", "127.0.0.1", "hi")));
    }

    [Test]
    public async Task Create_takes_the_settings_factory()
    {
        await using var env = RpcEnv.Create("hello", Conf(Foreign));

        Assert.That(env, Is.InstanceOf<ChannelRpcEnv>());
    }

    [Test]
    public async Task A_node_of_one_env_that_is_dialled_by_another_says_which_setting_differs()
    {
        var log = new RecordedLog();
        await using var foreign = RpcEnv.Create(Envs.Options("foreign", Conf(Foreign)) with { LoggerFactory = log });
        await using var network = RpcEnv.Create("network", new SparkConf(false));

        Assert.That(async () => await network.RefTo(new RpcEndpointAddress(foreign.Address, "e")).AskAsync<int>(1),
            Throws.InstanceOf<RpcConnectionException>().With.Message.Contains("spark.rpc.factory"));
        Assert.That(async () => await foreign.RefTo(new RpcEndpointAddress(network.Address, "e"))
            .AskAsync<int>(1), Throws.InstanceOf<RpcConnectionException>());
        Assert.That(log.Lines, Has.Some.Contains("spark.rpc.factory"));
    }

    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task Every_node_of_an_application_is_of_the_chosen_env(string master)
    {
        await using var sc = LocalContext.Start(master, ("spark.rpc.factory", Foreign), ("spark.authenticate", "false"));

        var counts = sc.Parallelize(Enumerable.Range(1, 100), 4).Map(i => (i % 10, 1)).ReduceByKey((a, b) => a + b).Collect();

        Assert.That(counts, Is.EquivalentTo(Enumerable.Range(0, 10).Select(digit => (digit, 10))));
    }

    private static SparkConf Conf(string? factory)
    {
        var conf = new SparkConf(loadDefaults: false);
        return factory is null ? conf : conf.Set("spark.rpc.factory", factory);
    }

    private sealed class Hidden : IRpcEnvFactory
    {
        public RpcEnv Create(RpcEnvOptions options) => throw new NotSupportedException();
    }

    private sealed class Echo : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(message);
    }
}

public sealed class FactoryWithArguments(int number) : IRpcEnvFactory
{
    public RpcEnv Create(RpcEnvOptions options) => throw new NotSupportedException($"{number}");
}

public sealed class FailingFactory : IRpcEnvFactory
{
    public FailingFactory() => throw new InvalidOperationException("no luck");

    public RpcEnv Create(RpcEnvOptions options) => throw new NotSupportedException();
}
