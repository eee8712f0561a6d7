// Deploys a counter to a node (host:port) under a name and waits until its standard input ends. Further arguments are settings, key=value.
using Sparkish;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.App;

var conf = new SparkConf(loadDefaults: false);
foreach (var setting in args.Skip(2))
{
    var parts = setting.Split('=', 2);
    conf.Set(parts[0], parts[1]);
}

await using var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("app", conf, new MessageRegistry()));
var counter = await env.DeployAsync(RpcAddress.Parse(args[0]), args[1], Props.Counter(7));
var count = await counter.AskAsync<Count>(new Add(1, "hello"));
Console.WriteLine($"deployed {counter}: {count.Value}");
await Console.In.ReadToEndAsync();
