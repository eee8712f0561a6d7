// Runs an env with the settings that are given as key=value until its standard input ends; says first where it listens.
using Sparkish;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

var conf = new SparkConf(loadDefaults: false);
foreach (var setting in args)
{
    var parts = setting.Split('=', 2);
    conf.Set(parts[0], parts[1]);
}

await using var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("node", conf, new MessageRegistry()));
Console.WriteLine($"listens on {env.Address}");
await Console.In.ReadToEndAsync();
